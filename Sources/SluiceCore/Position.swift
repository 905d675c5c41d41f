/// A place in a stream: 80 bits that grow along the stream, written as 20 hexadecimal digits.
///
/// | stream | the first digits | the rest |
/// | --- | --- | --- |
/// | file | 8: the file's ordinal | 12: offset in decompressed bytes |
/// | Redis Stream | 12: the entry's milliseconds | 8: its sequence number |
public struct Position: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The leading 16 of the 80 bits.
    public let high: UInt16
    /// The other 64.
    public let low: UInt64

    public init(high: UInt16, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A place in a file. An offset of 2^48 bytes (256 TiB) or more cannot be written.
    public init(fileOrdinal: UInt32, offset: UInt64) {
        precondition(offset < 1 << 48, "an offset in a file has 48 bits")
        high = UInt16(truncatingIfNeeded: fileOrdinal >> 16)
        low = UInt64(fileOrdinal & 0xffff) << 48 | offset
    }

    /// An entry of a Redis Stream. Milliseconds have 48 bits, the sequence number 32.
    public init(redisMilliseconds: UInt64, sequence: UInt32) {
        precondition(redisMilliseconds < 1 << 48, "a stream entry's milliseconds have 48 bits")
        high = UInt16(truncatingIfNeeded: redisMilliseconds >> 32)
        low = redisMilliseconds << 32 | UInt64(sequence)
    }

    public var fileOrdinal: UInt32 { UInt32(high) << 16 | UInt32(low >> 48) }
    public var fileOffset: UInt64 { low & 0xffff_ffff_ffff }
    public var redisMilliseconds: UInt64 { UInt64(high) << 32 | low >> 32 }
    public var redisSequence: UInt32 { UInt32(truncatingIfNeeded: low) }

    /// Twenty hexadecimal digits, lower case.
    public var description: String {
        String(unsafeUninitializedCapacity: 20) { digits in
            writeHex(UInt64(high), digits: 4, to: digits.baseAddress!)
            writeHex(low, digits: 16, to: digits.baseAddress! + 4)
            return 20
        }
    }

    /// Reads what `description` wrote.
    public init?(text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count == 20, let high = readHex(digits[..<4]), let low = readHex(digits[4...]) else { return nil }
        self.init(high: UInt16(high), low: low)
    }

    public static func < (one: Position, other: Position) -> Bool {
        one.high != other.high ? one.high < other.high : one.low < other.low
    }
}

/// Writes the lowest `digits` hexadecimal digits of a number, lower case, most significant first.
@inlinable
func writeHex(_ number: UInt64, digits: Int, to target: UnsafeMutablePointer<UInt8>) {
    var rest = number
    for place in stride(from: digits - 1, through: 0, by: -1) {
        let digit = UInt8(truncatingIfNeeded: rest & 15)
        target[place] = digit < 10 ? 48 + digit : 87 + digit
        rest >>= 4
    }
}

/// The number that lower-case hexadecimal digits stand for; `nil` where one is not such a digit.
func readHex(_ digits: some Sequence<UInt8>) -> UInt64? {
    var number: UInt64 = 0
    for digit in digits {
        switch digit {
        case 48...57: number = number << 4 | UInt64(digit - 48)
        case 97...102: number = number << 4 | UInt64(digit - 87)
        default: return nil
        }
    }
    return number
}
