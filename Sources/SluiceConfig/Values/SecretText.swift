internal import SluiceCore

/// A text that may refer to secrets: `redis://:${env:PASSWORD}@host/0`.
struct SecretText {
    enum Part {
        case literal(Substring)
        case environment(name: String)
        case file(path: String)
    }

    /// A file that holds a secret is not larger than this.
    static let fileLimit = ByteCount(64 << 10)
    private static let expected = "expected ${env:NAME} or ${file:/path}"

    /// The parts, with the offset in UTF-8 at which each begins.
    private(set) var parts: [(part: Part, offset: Int)] = []

    /// Where a text is no such text, and why. The text itself is never repeated.
    struct Problem: Error {
        var offset: Int
        var found: String
        var expected: String
    }

    init(_ text: String) throws(Problem) {
        var rest = text[...]
        func offset(of index: String.Index) -> Int { text.utf8.distance(from: text.startIndex, to: index) }
        while let start = rest.firstRange(of: "${")?.lowerBound {
            if start > rest.startIndex { parts.append((.literal(rest[..<start]), offset(of: rest.startIndex))) }
            guard let end = rest[start...].firstIndex(of: "}") else {
                throw Problem(
                    offset: offset(of: start), found: "a reference that does not end", expected: Self.expected)
            }
            let body = rest[start..<end].dropFirst(2)
            parts.append((try Self.reference(body, offset(of: start)), offset(of: start)))
            rest = rest[end...].dropFirst()
        }
        if !rest.isEmpty { parts.append((.literal(rest), offset(of: rest.startIndex))) }
    }

    private static func reference(_ body: Substring, _ offset: Int) throws(Problem) -> Part {
        let halves = body.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (halves[0], halves.count == 2 ? halves[1] : "") {
        case ("env", let name) where isVariable(name): return .environment(name: String(name))
        case ("file", let path) where !path.isEmpty: return .file(path: String(path))
        default: throw Problem(offset: offset, found: "a reference of no known kind", expected: expected)
        }
    }

    private static func isVariable(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, isLetter(first) || first == UInt8(ascii: "_") else { return false }
        return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    var hasLiteral: Bool { parts.contains { if case .literal = $0.part { true } else { false } } }

    /// The text with one sign for each reference: its form can be looked at before the secrets are there.
    var outline: String {
        parts.map { if case .literal(let text) = $0.part { String(text) } else { Self.stand } }.joined()
    }

    /// What stands for a reference in an outline. No URL holds it.
    static let stand = "\u{FFFC}"

    /// What a part refers to, or says.
    static func resolve(
        _ part: Part, at offset: Int, folder: String, environment: [String: String]
    ) throws(Problem) -> String {
        switch part {
        case .literal(let text): return String(text)
        case .environment(let name):
            guard let value = environment[name], !value.isEmpty else {
                let state = environment[name] == nil ? "not set" : "empty"
                throw Problem(
                    offset: offset, found: "the environment variable `\(name)` is \(state)",
                    expected: "expected it to hold the secret")
            }
            return value
        case .file(let path):
            return try secret(in: Path.join(folder, path), offset)
        }
    }

    private static func secret(in path: String, _ offset: Int) throws(Problem) -> String {
        let expected = "expected a file that holds the secret and nothing else"
        let bytes: [UInt8]
        do {
            bytes = try FileAccess.read(path, atMost: fileLimit)
        } catch {
            throw Problem(offset: offset, found: "\(path) cannot be read: \(error.phrase)", expected: expected)
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(offset: offset, found: "\(path) is not UTF-8", expected: expected)
        }
        while text.last?.isNewline == true { text.removeLast() }
        guard !text.isEmpty else { throw Problem(offset: offset, found: "\(path) is empty", expected: expected) }
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw Problem(
                offset: offset, found: "\(path) holds several lines, or control characters", expected: expected)
        }
        return text
    }
}
