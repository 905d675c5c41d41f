public import SluiceCore

// The units that stand in values, in YAML and on the command line alike. A number without its unit is refused: nobody
// should have to know whether `wait: 5` meant milliseconds.

extension Rate {
    /// Reads `20000/s` or `0.5/s`; at most a thousand million rows per second.
    public init(parsing text: String) throws(ValueError) {
        let expected = "expected rows per second, such as 20000/s (0/s pauses)"
        guard text.hasSuffix("/s"), let number = Decimal(text.dropLast(2)) else {
            throw ValueError(found: "\(quoted(text)) is no rate", expected: expected)
        }
        guard number.asDouble <= 1e9 else {
            throw ValueError(
                found: "\(quoted(text)) is more than any sink takes", expected: "expected at most 1000000000/s")
        }
        self.init(rowsPerSecond: number.asDouble)
    }
}

extension Duration {
    private static let units: [(name: String, nanoseconds: Int128)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1000),
    ]
    /// A hundred years: what is longer is a slip of the keyboard.
    private static let longest: Int128 = 36_500 * 86_400_000_000_000

    /// Reads `30d`, `200ms`, `1.5h`, or several in descending order: `1h30m`. At most 36500d.
    public init(parsing text: String) throws(ValueError) {
        let problem = ValueError(
            found: "\(quoted(text)) is no duration",
            expected: "expected a number with its unit (us, ms, s, m, h or d), such as 200ms, 30d or 1h30m")
        var rest = text[...]
        var total: Int128 = 0
        var unitsLeft = Self.units[...]
        guard !rest.isEmpty else { throw problem }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(letters.count)
            guard let number = Decimal(digits), let place = unitsLeft.firstIndex(where: { $0.name == letters }) else {
                throw problem
            }
            total += number.scaled(by: unitsLeft[place].nanoseconds)
            unitsLeft = unitsLeft[(place + 1)...]
        }
        guard total <= Self.longest else {
            throw ValueError(found: "\(quoted(text)) is more than a hundred years", expected: "expected at most 36500d")
        }
        self = .nanoseconds(Int64(total))
    }
}

/// A number of bytes.
public struct ByteCount: Hashable, Sendable, Comparable, CustomStringConvertible {
    private static let units: [(name: String, bytes: Int)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    /// Not negative.
    public let bytes: Int

    public init(_ bytes: Int) {
        precondition(bytes >= 0, "a number of bytes is not negative")
        self.bytes = bytes
    }

    /// Reads `8MiB`, `64KiB`, `512B`: whole binary units, at most 1024TiB.
    public init(parsing text: String) throws(ValueError) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard (1...9).contains(digits.count), let number = Int(digits),
            let unit = Self.units.first(where: { $0.name == text.dropFirst(digits.count) })
        else {
            throw ValueError(
                found: "\(quoted(text)) is no size",
                expected: "expected a whole number with its unit (B, KiB, MiB, GiB or TiB), such as 8MiB")
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
        guard !overflow, bytes <= 1 << 50 else {
            throw ValueError(
                found: "\(quoted(text)) is more than any machine holds", expected: "expected at most 1024TiB")
        }
        self.bytes = bytes
    }

    public static func < (one: ByteCount, other: ByteCount) -> Bool { one.bytes < other.bytes }

    /// In the largest unit that leaves no remainder: `8MiB`.
    public var description: String {
        let unit = Self.units.first { bytes >= $0.bytes && bytes % $0.bytes == 0 }
        return unit.map { "\(bytes / $0.bytes)\($0.name)" } ?? "0B"
    }
}

/// A part of a whole.
public enum Share {
    /// Reads `5%` or `0.5%`, from 0% to 100%, as a number from 0 to 1.
    public static func parse(_ text: String) throws(ValueError) -> Double {
        guard text.hasSuffix("%"), let number = Decimal(text.dropLast()) else {
            throw ValueError(
                found: "\(quoted(text)) is no percentage", expected: "expected a number with %, such as 5%")
        }
        guard number.asDouble <= 100 else {
            throw ValueError(found: "\(quoted(text)) is more than the whole", expected: "expected 0% to 100%")
        }
        return number.asDouble / 100
    }
}

/// A number as people write it: digits, perhaps a point and more digits. No sign, no exponent, no spaces.
private struct Decimal {
    private let digits: Int128
    private let decimals: Int128

    init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ (1...15).contains($0.count) }) else { return nil }
        var digits: Int128 = 0
        for byte in parts.joined() {
            guard byte &- 48 < 10 else { return nil }
            digits = digits * 10 + Int128(byte - 48)
        }
        self.digits = digits
        decimals = parts.count == 2 ? (0..<parts[1].count).reduce(1) { scale, _ in scale * 10 } : 1
    }

    var asDouble: Double { Double(digits) / Double(decimals) }

    /// The whole part of the number times the unit; a number has at most 30 digits, so that only the product with the
    /// unit of a day could overflow, and that is held at the largest.
    func scaled(by unit: Int128) -> Int128 {
        let (product, overflow) = digits.multipliedReportingOverflow(by: unit)
        return overflow ? digits / decimals * unit : product / decimals
    }
}
