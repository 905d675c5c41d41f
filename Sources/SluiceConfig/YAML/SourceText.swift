/// The text of a YAML file, kept to find the places of what was parsed from it.
struct SourceText: Sendable {
    /// UTF-8, without a byte-order mark.
    let bytes: [UInt8]

    /// The place of a byte, by counting; the end of the text for offsets beyond it.
    func mark(atByte offset: Int) -> YAMLMark {
        var mark = YAMLMark.start
        advance(&mark, over: bytes[..<min(offset, bytes.count)])
        return mark
    }

    /// The first byte of what stands at a place; `nil` at the end.
    func byte(at mark: YAMLMark) -> UInt8? {
        let offset = byteOffset(ofScalar: mark.index)
        return offset < bytes.count ? bytes[offset] : nil
    }

    /// The place in the file of a byte of a scalar's text. White space in the text has no certain place of its own
    /// (folding may have made it of a line's end): it gets that of what comes next or, at the end, of what came last.
    func mark(of scalar: YAMLScalar, at scalarMark: YAMLMark, utf8Offset: Int) -> YAMLMark {
        let start = byteOffset(ofScalar: scalarMark.index)
        var written = WrittenScalar(rest: bytes[start...], style: scalar.style)
        var end = start
        for byte in scalar.text.utf8.prefix(max(0, utf8Offset)) where !isWhite(byte) {
            // Every byte that is not white stands in the source too, in the same order.
            if byte & 0xC0 != 0x80 { written.skipWhite() }
            written.skip(byte)
            end = written.rest.startIndex
        }
        if scalar.text.utf8.dropFirst(max(0, utf8Offset)).contains(where: { !isWhite($0) }) {
            written.skipWhite()
            end = written.rest.startIndex
        }
        var mark = scalarMark
        advance(&mark, over: bytes[start..<max(start, end)])
        return mark
    }

    private func byteOffset(ofScalar index: Int) -> Int {
        var scalars = 0
        for (offset, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
            if scalars == index { return offset }
            scalars += 1
        }
        return bytes.count
    }

    private func advance(_ mark: inout YAMLMark, over text: ArraySlice<UInt8>) {
        for (offset, byte) in zip(text.indices, text) where byte & 0xC0 != 0x80 {
            mark.index += 1
            let endsLine =
                byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r") && (offset + 1 == bytes.count || bytes[offset + 1] != UInt8(ascii: "\n"))
            if endsLine {
                mark.line += 1
                mark.column = 1
            } else {
                mark.column += 1
            }
        }
    }
}

/// A scalar as it stands in the source, walked from its first character that counts.
private struct WrittenScalar {
    private(set) var rest: ArraySlice<UInt8>
    private let style: YAMLScalar.Style

    init(rest: ArraySlice<UInt8>, style: YAMLScalar.Style) {
        self.rest = rest
        self.style = style
        switch style {
        case .plain: break
        case .singleQuoted, .doubleQuoted: self.rest = rest.dropFirst()
        case .block: self.rest = rest.drop { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        }
    }

    /// Passes what the text shows as white space, or not at all: indentation, ends of lines, escapes of either.
    mutating func skipWhite() {
        while let byte = rest.first {
            if isWhite(byte) {
                rest = rest.dropFirst()
            } else if style == .doubleQuoted, byte == UInt8(ascii: "\\"), let length = whiteEscapeLength() {
                rest = rest.dropFirst(length)
            } else {
                return
            }
        }
    }

    /// Passes one byte of the text. The bytes of a character that was written as an escape pass with its first.
    mutating func skip(_ byte: UInt8) {
        let isContinuation = byte & 0xC0 == 0x80
        switch (style, rest.first) {
        case (_, byte) where isContinuation: rest = rest.dropFirst()
        case _ where isContinuation: break
        case (.doubleQuoted, UInt8(ascii: "\\")): rest = rest.dropFirst(escapeLength())
        case (.singleQuoted, UInt8(ascii: "'")): rest = rest.dropFirst(2)
        case (_, byte): rest = rest.dropFirst()
        default: break
        }
    }

    private func escapeLength() -> Int {
        switch rest.dropFirst().first {
        case UInt8(ascii: "x"): 4
        case UInt8(ascii: "u"): 6
        case UInt8(ascii: "U"): 10
        default: 2
        }
    }

    private func whiteEscapeLength() -> Int? {
        let letters = Array("ntr \t\r\n".utf8)
        guard let letter = rest.dropFirst().first else { return nil }
        if letters.contains(letter) { return 2 }
        let digits = rest.dropFirst(2).prefix(escapeLength() - 2)
        guard !digits.isEmpty, let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
        return isWhite(code) ? escapeLength() : nil
    }
}

private func isWhite(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
}
