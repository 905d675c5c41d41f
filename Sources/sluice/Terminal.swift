import Foundation

/// Text for people on standard error, and results on standard output.
enum Terminal {
    /// Whether a person reads standard error.
    static let isInteractive = isatty(STDERR_FILENO) == 1

    /// A line that stays.
    static func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// A line that the next one replaces, on a terminal; a line like any other elsewhere.
    static func progress(_ text: String) {
        isInteractive ? FileHandle.standardError.write(Data("\r\u{1b}[2K\(text)".utf8)) : note(text)
    }

    /// Ends a line that would have been replaced.
    static func endProgress() {
        if isInteractive { FileHandle.standardError.write(Data("\n".utf8)) }
    }

    /// A result as one line of JSON, keys in a fixed order.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Lines in columns; the first is the head. Columns that hold numbers are set to the right.
    static func table(_ lines: [[String]]) -> String {
        guard let head = lines.first else { return "" }
        let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        let areNumbers = head.indices.map { column in
            lines.dropFirst().allSatisfy { $0[column].allSatisfy { $0.isNumber || $0 == "," } }
        }
        return lines.map { line in
            line.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - line[column].count)
                return areNumbers[column] ? space + line[column] : line[column] + space
            }.joined(separator: "  ").trimmingEnd()
        }.joined(separator: "\n")
    }
}

extension String {
    fileprivate func trimmingEnd() -> String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
