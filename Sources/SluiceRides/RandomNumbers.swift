/// SplitMix64: small, quick, and the same on every machine, so that a seed names its events for ever.
struct RandomNumbers: RandomNumberGenerator {
    private var state: UInt64

    /// Generators of one seed with different salts are independent of each other.
    init(seed: UInt64, salt: UInt64) {
        state = seed
        state = next() ^ salt
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// From 0 to less than `bound`, which is at least 1.
    mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

    /// From 0 to less than 1, with all 53 bits.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func chance(_ share: Double) -> Bool { unit() < share }

    mutating func element<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
