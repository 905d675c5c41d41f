/// Why a text is no value of its kind: what was found, and what is expected instead.
public struct ValueError: Error, Hashable, Sendable, CustomStringConvertible {
    public let found: String
    public let expected: String

    public init(found: String, expected: String) {
        self.found = found
        self.expected = expected
    }

    public var description: String { "\(found); \(expected)" }
}

/// A user's text as messages show it: between backticks, on one line, not longer than a line can bear, and no URL in
/// full that may hold a password.
func quoted(_ text: some StringProtocol) -> String {
    if let scheme = text.firstRange(of: "://"), text[scheme.upperBound...].contains("@") {
        return quoted("\(text[..<scheme.upperBound])…")
    }
    var shown = ""
    for scalar in text.unicodeScalars.prefix(60) {
        switch scalar {
        case "\n": shown += "\\n"
        case "\t": shown += "\\t"
        case _ where scalar.properties.generalCategory == .control: shown += "\u{FFFD}"
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return text.unicodeScalars.count > 60 ? "`\(shown)…`" : "`\(shown)`"
}

/// `a`, `b` or `c`, as messages list what may stand somewhere; the first twenty of many.
func alternatives(_ names: [String], _ conjunction: String = "or") -> String {
    if names.count > 20 {
        return names.prefix(20).map { "`\($0)`" }.joined(separator: ", ") + " \(conjunction) \(names.count - 20) more"
    }
    let quotedNames = names.map { "`\($0)`" }
    guard let last = quotedNames.last, quotedNames.count > 1 else { return quotedNames.first ?? "nothing" }
    return quotedNames.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
}
