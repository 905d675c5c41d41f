/// A stable hash over what files say, by which replicas find that they run the same: FNV-1a over 128 bits. Order of
/// keys, style, comments and the files' places do not count; what secrets resolve to does not either. It finds
/// differences, and is no proof against someone who makes them.
struct ContentHash {
    private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    mutating func combine(_ text: String) {
        combine(text.utf8.count)
        for byte in text.utf8 { combine(byte: byte) }
    }

    mutating func combine(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let scalar):
            combine(byte: 1)
            combine(scalar.text)
        case .sequence(let items):
            combine(byte: 2)
            combine(items.count)
            for item in items { combine(item) }
        case .mapping(let entries):
            combine(byte: 3)
            combine(entries.count)
            for entry in entries.sorted(by: { $0.key < $1.key }) {
                combine(entry.key)
                combine(entry.value)
            }
        case .refused: combine(byte: 4)
        }
    }

    /// 32 hexadecimal digits.
    var hex: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    private mutating func combine(_ number: Int) {
        for shift in stride(from: 0, to: 64, by: 8) { combine(byte: UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private mutating func combine(byte: UInt8) {
        state = (state ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b
    }
}
