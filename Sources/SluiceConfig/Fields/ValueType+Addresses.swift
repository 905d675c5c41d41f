internal import SluiceCore

/// Where MongoDB is, with credentials and without.
struct MongoAddress: Sendable {
    var uri: Secret
    var database: String
    var display: String
}

extension ValueType where Value == Secret {
    /// A secret by reference alone.
    static let secret = text("${env:NAME} or ${file:/path}") { text, node, context in
        guard let resolved = context.resolve(text, at: node, check: { $0.hasLiteral ? .literalSecret : nil }) else {
            return nil
        }
        guard resolved.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            context.report(
                at: node.mark, "the secret holds characters that no HTTP header carries",
                "expected visible ASCII without spaces")
            return nil
        }
        return Secret(resolved)
    }
}

extension ValueType where Value == RedisAddress {
    private static let phrase = "redis://[user:${env:PASSWORD}@]host:port/database, or redis+unix:///path/to/socket"

    static let redisURL = text(phrase) { text, node, context in
        guard let url = context.resolve(text, at: node, check: { ConnectionURL($0.outline).literalPassword }) else {
            return nil
        }
        do throws(RedisAddressError) {
            return try RedisAddress(url: url)
        } catch {
            // Core says "found; expected" where it knows better than the general form.
            let parts = error.message.split(separator: ";", maxSplits: 1).map { $0.drop { $0 == " " } }
            context.report(
                at: node.mark, "the URL is refused: \(parts[0])",
                parts.count == 2 ? String(parts[1]) : "expected \(phrase)")
            return nil
        }
    }
}

extension ValueType where Value == MongoAddress {
    private static let phrase = "mongodb://[user:${env:PASSWORD}@]host:port/database"

    static let mongoURL = text(phrase) { text, node, context in
        guard let uri = context.resolve(text, at: node, check: { ConnectionURL($0.outline).literalPassword }) else {
            return nil
        }
        do throws(ValueError) {
            return try MongoAddress(uri)
        } catch {
            context.report(at: node.mark, error.found, error.expected)
            return nil
        }
    }
}

extension MongoAddress {
    /// Its errors repeat nothing of the URI.
    init(_ text: String) throws(ValueError) {
        let url = ConnectionURL(text)
        let expected = "expected mongodb://host:port/database"
        guard ["mongodb", "mongodb+srv"].contains(url.scheme) else {
            throw ValueError(found: "the URL does not begin with mongodb://", expected: expected)
        }
        guard !url.hosts.isEmpty, !url.hosts.contains(" ") else {
            throw ValueError(found: "the URL names no host", expected: expected)
        }
        guard !url.path.isEmpty else { throw ValueError(found: "the URL names no database", expected: expected) }
        guard url.path.utf8.count <= 63, !url.path.contains(where: { "/\\. \"$*<>:|?%".contains($0) }) else {
            throw ValueError(
                found: "the URL's database is no name of one",
                expected: "expected at most 63 bytes without / \\ . \" $ * < > : | ? % or space")
        }
        for (name, value) in url.options {
            switch (name.lowercased(), value.lowercased()) {
            case ("w", "majority"), ("journal", "true"): break
            case ("w", _), ("journal", _), ("wtimeoutms", _):
                throw ValueError(
                    found: "the URL's option `\(name.lowercased())` sets a write concern",
                    expected: "leave it out: every write is by majority and journalled")
            default: break
            }
        }
        self.init(uri: Secret(text), database: url.path, display: "\(url.scheme)://\(url.hosts)/\(url.path)")
    }
}

/// The parts of a URL of a store, as far as secrets and names are concerned.
private struct ConnectionURL {
    var scheme = ""
    var userInfo: Substring?
    var hosts = ""
    var path = ""
    var options: [(name: Substring, value: Substring)] = []

    init(_ text: String) {
        guard let colon = text.firstRange(of: "://") else { return }
        scheme = String(text[..<colon.lowerBound])
        var rest = text[colon.upperBound...]
        // A password may hold any sign: the last @ before the options ends it.
        let question = rest.lastIndex(of: "?")
        if let at = rest[..<(question ?? rest.endIndex)].lastIndex(of: "@") ?? rest.lastIndex(of: "@") {
            userInfo = rest[..<at]
            rest = rest[at...].dropFirst()
        }
        let halves = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let slash = halves[0].firstIndex(of: "/") ?? halves[0].endIndex
        hosts = String(halves[0][..<slash])
        path = String(halves[0][slash...].dropFirst())
        guard halves.count == 2 else { return }
        options = halves[1].split(separator: "&").map { option in
            let sides = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (sides[0], sides.count == 2 ? sides[1] : "")
        }
    }

    /// A complaint, where a password stands in the outline of a URL.
    var literalPassword: SecretText.Problem? {
        var passwords = options.filter { $0.name.lowercased().contains("password") }.map(\.value)
        if let user = userInfo, let colon = user.firstIndex(of: ":") { passwords.append(user[colon...].dropFirst()) }
        let isLiteral = passwords.contains { $0.contains { String($0) != SecretText.stand } }
        return isLiteral ? .literalPassword : nil
    }
}

extension SecretText.Problem {
    fileprivate static let literalSecret = SecretText.Problem(
        offset: 0, found: "a secret stands here in full", expected: "expected ${env:NAME} or ${file:/path} alone")
    fileprivate static let literalPassword = SecretText.Problem(
        offset: 0, found: "a password stands here in full",
        expected: "expected ${env:NAME} or ${file:/path} in its place")
}

extension ReadingContext {
    /// The text with its references followed. A reference among credentials is percent-encoded, so that a password
    /// may hold any sign. Reports what fails, and never what a reference held.
    fileprivate func resolve(
        _ text: String, at node: YAMLNode, check: (SecretText) -> SecretText.Problem?
    ) -> String? {
        let secret: SecretText
        do {
            secret = try SecretText(text)
        } catch {
            report(error, at: node)
            return nil
        }
        if let problem = check(secret) {
            report(problem, at: node)
            return nil
        }
        let endOfCredentials = ConnectionURL(text).userInfo.map {
            text.utf8.distance(from: text.startIndex, to: $0.endIndex)
        }
        var resolved: String? = ""
        for (part, offset) in secret.parts {
            do {
                let value = try SecretText.resolve(part, at: offset, folder: folder, environment: environment)
                let isCredential = offset < endOfCredentials ?? 0
                if case .literal = part {
                    resolved?.append(value)
                } else {
                    resolved?.append(isCredential ? percentEncoded(value) : value)
                }
            } catch {
                report(error, at: node)
                resolved = nil
            }
        }
        return resolved
    }

    private func report(_ problem: SecretText.Problem, at node: YAMLNode) {
        var mark = node.mark
        if problem.offset > 0, case .scalar(let scalar) = node.content {
            mark = source.mark(of: scalar, at: node.mark, utf8Offset: problem.offset)
        }
        report(at: mark, problem.found, problem.expected)
    }

    private func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var encoded = ""
        for byte in text.utf8 {
            if isLetter(byte) || isDigit(byte) || "-._~".utf8.contains(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return encoded
    }
}
