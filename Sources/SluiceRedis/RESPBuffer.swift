/// A buffer in which requests are written as Redis reads them (RESP 2), used again and again.
///
///     *3␍␊$3␍␊SET␍␊$1␍␊k␍␊$5␍␊value␍␊
///
/// Formatting here rather than in the C library halves the client's work per row.
struct RESPBuffer: ~Copyable {
    private static let usualCapacity = 1 << 16
    /// What an exceptional request made the buffer grow by is given back above this size.
    private static let keptCapacity = 4 << 20

    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init() {
        base = .allocate(capacity: Self.usualCapacity)
        capacity = Self.usualCapacity
    }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    mutating func removeAll() {
        count = 0
        if capacity > Self.keptCapacity {
            base.deallocate()
            base = .allocate(capacity: Self.usualCapacity)
            capacity = Self.usualCapacity
        }
    }

    /// A whole request.
    mutating func append(command arguments: [String]) {
        appendHeader("*", arguments.count)
        for argument in arguments { append(bulk: argument) }
    }

    /// `*3␍␊` or `$5␍␊`: how many arguments, or bytes, follow.
    mutating func appendHeader(_ kind: Unicode.Scalar, _ number: Int) {
        reserve(24)
        put(UInt8(ascii: kind))
        putDecimal(Int64(number))
        putLineEnd()
    }

    mutating func append(bulk text: String) {
        var text = text
        text.withUTF8 { append(bulk: $0) }
    }

    mutating func append(bulk text: UnsafeBufferPointer<UInt8>) {
        reserve(text.count + 26)
        put(UInt8(ascii: "$"))
        putDecimal(Int64(text.count))
        putLineEnd()
        put(text)
        putLineEnd()
    }

    /// An argument made of three parts.
    mutating func append(bulk first: [UInt8], _ second: UnsafeBufferPointer<UInt8>, _ last: UInt8) {
        let length = first.count + second.count + 1
        reserve(length + 26)
        put(UInt8(ascii: "$"))
        putDecimal(Int64(length))
        putLineEnd()
        first.withUnsafeBufferPointer { put($0) }
        put(second)
        put(last)
        putLineEnd()
    }

    /// An integer in decimal.
    mutating func append(bulk number: Int64) {
        reserve(32)
        put(UInt8(ascii: "$"))
        putDecimal(Int64(Self.decimalLength(number)))
        putLineEnd()
        putDecimal(number)
        putLineEnd()
    }

    /// Bytes that are written as they are.
    mutating func append(raw bytes: some Collection<UInt8>) {
        reserve(bytes.count)
        bytes.withContiguousStorageIfAvailable { put($0) } ?? { for byte in bytes { put(byte) } }()
    }

    /// Room for so many bytes, which `body` writes.
    mutating func append(count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) {
        reserve(count)
        body(base + self.count)
        self.count += count
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
    }

    private mutating func put(_ byte: UInt8) {
        base[count] = byte
        count += 1
    }

    private mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        (base + count).update(from: start, count: bytes.count)
        count += bytes.count
    }

    private mutating func putLineEnd() {
        put(UInt8(ascii: "\r"))
        put(UInt8(ascii: "\n"))
    }

    private mutating func putDecimal(_ number: Int64) {
        let length = Self.decimalLength(number)
        if number < 0 { base[count] = UInt8(ascii: "-") }
        var rest = number.magnitude
        var place = count + length - 1
        repeat {
            base[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            place -= 1
        } while rest > 0
        count += length
    }

    private static func decimalLength(_ number: Int64) -> Int {
        var length = number < 0 ? 2 : 1
        var rest = number.magnitude
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        return length
    }
}
