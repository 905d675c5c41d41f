/// JSON values, written as RFC 8259 has them.
extension LineBuffer {
    /// Appends text with what JSON does not allow in a string escaped: `"`, `\` and control characters.
    mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        guard let start = text.baseAddress else { return }
        var done = 0
        while true {
            let special = firstToEscape(start, from: done, count: text.count)
            append(UnsafeBufferPointer(start: start + done, count: special - done))
            guard special < text.count else { return }
            appendEscape(start[special])
            done = special + 1
        }
    }

    mutating func append(_ number: Int64) {
        var rest = number.magnitude
        var digits = 1
        var bound: UInt64 = 10
        while digits < 19, rest >= bound {
            digits += 1
            bound *= 10
        }
        let length = digits + (number < 0 ? 1 : 0)
        let target = room(length)
        if number < 0 { target[0] = UInt8(ascii: "-") }
        var place = length - 1
        for _ in 0..<digits {
            let quotient = rest / 10
            target[place] = 48 + UInt8(truncatingIfNeeded: rest &- quotient &* 10)
            rest = quotient
            place -= 1
        }
        advance(length)
    }

    /// Appends the shortest text that reads back equal; a whole number keeps its `.0`, and so its type. The number must
    /// be finite.
    mutating func append(_ number: Double) {
        if let whole = Int64(exactly: number), whole.magnitude < 1 << 53, whole != 0 {
            append(whole)
            append(".0")
        } else {
            append(number.description)
        }
    }

    /// Appends a number below ten to the power of `digits`, with leading zeros.
    mutating func append(_ number: Int, digits: Int) {
        let target = room(digits)
        var rest = number
        for place in stride(from: digits - 1, through: 0, by: -1) {
            target[place] = 48 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        advance(digits)
    }

    private mutating func appendEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x0a: append("\\n")
        case 0x0d: append("\\r")
        case 0x09: append("\\t")
        default:
            append("\\u00")
            append(byte >> 4 + 48)
            append(byte & 15 < 10 ? byte & 15 + 48 : byte & 15 + 87)
        }
    }
}

/// The first place from which a byte must be escaped, or `count`. Eight bytes are looked at together: subtracting sets
/// the top bit of a byte that is too small, and of no byte below the first such one.
@inline(__always)
private func firstToEscape(_ bytes: UnsafePointer<UInt8>, from start: Int, count: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var place = start
    while count - place >= 8 {
        let word = UnsafeRawPointer(bytes + place).loadUnaligned(as: UInt64.self).littleEndian
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5c)
        let found =
            ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | (word &- ones &* 0x20) & ~word)
            & (ones &* 0x80)
        if found != 0 { return place + found.trailingZeroBitCount / 8 }
        place += 8
    }
    while place < count {
        let byte = bytes[place]
        if byte < 0x20 || byte == 0x22 || byte == 0x5c { return place }
        place += 1
    }
    return count
}
