internal import SluiceCore

extension ValueType where Value == Int {
    /// A whole number, in decimal digits.
    static func integer(_ range: ClosedRange<Int>) -> ValueType {
        let phrase = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return .scalar(phrase) { text throws(ValueError) in
            let isDecimal = text.utf8.allSatisfy { $0 &- 48 < 10 } && (text == "0" || !text.hasPrefix("0"))
            guard isDecimal, let number = Int(text), range.contains(number) else {
                throw ValueError(found: "\(quoted(text)) stands here", expected: "expected \(phrase)")
            }
            return number
        }
    }
}

extension ValueType where Value == Rate {
    static let rate = scalar("rows per second, such as 20000/s (0/s pauses)") { text throws(ValueError) in
        try Rate(parsing: text)
    }
}

extension ValueType where Value == Duration {
    /// A duration between two others, which are written as in YAML.
    static func duration(_ shortest: String, _ longest: String) -> ValueType {
        guard let least = try? Duration(parsing: shortest), let most = try? Duration(parsing: longest) else {
            preconditionFailure("the limits \(shortest) and \(longest) are durations")
        }
        let phrase = "a duration from \(shortest) to \(longest)"
        return .scalar(phrase) { text throws(ValueError) in
            let duration = try Duration(parsing: text)
            guard (least...most).contains(duration) else {
                throw ValueError(found: "\(quoted(text)) is out of range", expected: "expected \(phrase)")
            }
            return duration
        }
    }
}

extension ValueType where Value == Double {
    static let share = scalar("a percentage, such as 5%") { text throws(ValueError) in try Share.parse(text) }
}

extension ValueType where Value == String {
    /// A name that goes into keys, labels and paths: `dashes` allows `-` beside letters, digits and `_`.
    static func name(dashes: Bool) -> ValueType {
        let pattern = dashes ? "[a-z][a-z0-9_-]*" : "[a-z][a-z0-9_]*"
        let phrase = "a name that matches \(pattern), at most 64 characters"
        return .scalar(phrase) { text throws(ValueError) in
            guard isName(text, dashes: dashes) else {
                throw ValueError(found: "\(quoted(text)) is no name", expected: "expected \(phrase)")
            }
            return text
        }
    }

    /// A column of the SQL's result.
    static let column = scalar(
        "a column of the SQL's result, matching [A-Za-z][A-Za-z0-9_]*, at most 64 characters"
    ) { text throws(ValueError) in
        let bytes = text.utf8
        let isColumn =
            bytes.count <= 64 && bytes.first.map(isLetter) == true
            && bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
        guard isColumn else {
            throw ValueError(
                found: "\(quoted(text)) is no column name",
                expected: "expected [A-Za-z][A-Za-z0-9_]*, at most 64 characters")
        }
        return text
    }

    /// One line for people.
    static func line(_ phrase: String, atMost limit: Int) -> ValueType {
        .scalar(phrase) { text throws(ValueError) in
            let isLine = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            guard isLine, text.utf8.count <= limit else {
                throw ValueError(
                    found: "\(quoted(text)) is more than one short line",
                    expected: "expected \(phrase), at most \(limit) bytes without control characters")
            }
            return text
        }
    }

    /// Text of any length (the file's limit holds), taken as it stands.
    static func verbatim(_ phrase: String) -> ValueType { text(phrase) { text, _, _ in text } }

    /// A sink that has a file of its own.
    static let sinkName = name(dashes: true).checked { name, node, context in
        guard let known = context.sinkNames, !known.contains(name) else { return true }
        let near = NearName.of(name, among: known)
        context.report(
            at: node.mark, "there is no sink \(quoted(name))",
            near.map { "did you mean `\($0)`?" }
                ?? (known.isEmpty ? "no sink has a file yet" : "expected \(alternatives(known.sorted()))"))
        return false
    }

    /// A path; a relative one starts from the folder of the file in which it stands.
    static func path(_ phrase: String) -> ValueType {
        ValueType(.scalar(phrase)) { node, context in
            let text = ValueType.scalar(phrase) { text throws(ValueError) in
                guard !text.hasPrefix("~/"), !text.unicodeScalars.contains("\0") else {
                    throw ValueError(
                        found: "\(quoted(text)) is no path", expected: "expected \(phrase): `~` is not expanded")
                }
                return text
            }
            return text.read(node, context).map { Path.join(context.folder, $0) }
        }
    }
}

func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 97 < 26 }
func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

/// Whether a text matches `[a-z][a-z0-9_]*` (with `-` among the rest where `dashes`) and has at most 64 characters.
func isName(_ text: String, dashes: Bool) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, first &- 97 < 26, bytes.count <= 64 else { return false }
    return bytes.allSatisfy {
        $0 &- 97 < 26 || isDigit($0) || $0 == UInt8(ascii: "_") || dashes && $0 == UInt8(ascii: "-")
    }
}
