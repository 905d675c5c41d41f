/// A word, literal or sign of SQL as SQLite would read it.
struct SQLToken: Hashable {
    enum Kind: Hashable {
        /// A keyword or a name.
        case word
        /// A name in double quotes, backticks or brackets; `text` is what it names.
        case quotedName
        /// Text or a blob; `text` is what stands between the quotes.
        case string
        case number
        case parameter
        /// One character of punctuation or of an operator.
        case sign
        /// A quote or a comment without its end, or a character that SQL does not know.
        case broken
    }

    let kind: Kind
    let text: String
    /// A word in lower case, since SQL does not tell case apart; the text of anything else.
    let folded: String
    /// Where it begins, in bytes of UTF-8.
    let offset: Int
    /// Where the next byte behind it is.
    let end: Int

    func isWord(_ word: String) -> Bool { kind == .word && folded == word }
    func isSign(_ sign: String) -> Bool { kind == .sign && text == sign }
    var isName: Bool { kind == .word || kind == .quotedName }
}

extension SQLToken {
    /// The tokens of a text; blanks and comments are not among them.
    static func tokens(of sql: String) -> [SQLToken] {
        var scanner = SQLScanner(bytes: Array(sql.utf8))
        var tokens: [SQLToken] = []
        while let token = scanner.next() { tokens.append(token) }
        return tokens
    }
}

private struct SQLScanner {
    let bytes: [UInt8]
    var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> SQLToken? {
        while place < bytes.count {
            if isBlank(bytes[place]) {
                place += 1
            } else if sees("--") {
                while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
            } else if sees("/*") {
                let start = place
                place += 2
                while place < bytes.count, !sees("*/") { place += 1 }
                if place >= bytes.count { return token(.broken, start, text: "/*") }
                place += 2
            } else {
                return visible()
            }
        }
        return nil
    }

    private mutating func visible() -> SQLToken {
        let start = place
        let byte = bytes[place]
        switch byte {
        case UInt8(ascii: "'"): return quoted(.string, by: byte)
        case UInt8(ascii: "\""), UInt8(ascii: "`"): return quoted(.quotedName, by: byte)
        case UInt8(ascii: "["): return bracketed()
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            if place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "'") {
                place += 1
                return quoted(.string, by: UInt8(ascii: "'"), from: start)
            }
            return word()
        case UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "#"), UInt8(ascii: "$"):
            place += 1
            skip { Self.isWordPart($0) }
            return token(.parameter, start)
        case 0, UInt8(ascii: "\\"), UInt8(ascii: "^"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "]"):
            place += 1
            return token(.broken, start)
        case _
        where isDigit(byte) || (byte == UInt8(ascii: ".") && place + 1 < bytes.count && isDigit(bytes[place + 1])):
            skip { Self.isWordPart($0) || $0 == UInt8(ascii: ".") }
            return token(.number, start)
        case _ where Self.isWordPart(byte): return word()
        default:
            place += 1
            return token(.sign, start)
        }
    }

    private mutating func word() -> SQLToken {
        let start = place
        skip { Self.isWordPart($0) }
        return token(.word, start)
    }

    /// A quote within is written twice.
    private mutating func quoted(_ kind: SQLToken.Kind, by quote: UInt8, from start: Int? = nil) -> SQLToken {
        let start = start ?? place
        place += 1
        var content: [UInt8] = []
        while place < bytes.count {
            if bytes[place] != quote {
                content.append(bytes[place])
            } else if place + 1 < bytes.count, bytes[place + 1] == quote {
                content.append(quote)
                place += 1
            } else {
                place += 1
                return token(kind, start, text: String(decoding: content, as: UTF8.self))
            }
            place += 1
        }
        return token(.broken, start, text: String(decoding: [quote], as: UTF8.self))
    }

    private mutating func bracketed() -> SQLToken {
        let start = place
        skip { $0 != UInt8(ascii: "]") }
        guard place < bytes.count else { return token(.broken, start, text: "[") }
        place += 1
        return token(.quotedName, start, text: String(decoding: bytes[start + 1..<place - 1], as: UTF8.self))
    }

    private mutating func skip(while isPart: (UInt8) -> Bool) {
        while place < bytes.count, isPart(bytes[place]) { place += 1 }
    }

    private func token(_ kind: SQLToken.Kind, _ start: Int, text: String? = nil) -> SQLToken {
        let text = text ?? String(decoding: bytes[start..<place], as: UTF8.self)
        return SQLToken(
            kind: kind, text: text, folded: kind == .word ? text.lowercased() : text, offset: start, end: place)
    }

    private func sees(_ pair: StaticString) -> Bool {
        place + 1 < bytes.count && bytes[place] == pair.utf8Start[0] && bytes[place + 1] == pair.utf8Start[1]
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
    private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func isWordPart(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...: true
        default: false
        }
    }
}
