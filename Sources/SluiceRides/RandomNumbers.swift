internal import SluiceCore

/// The random numbers of one script, so that a seed names its events for ever.
struct RandomNumbers: RandomNumberGenerator {
    private var generator: SeededGenerator

    /// Generators of one seed with different salts are independent of each other.
    init(seed: UInt64, salt: UInt64) {
        var first = SeededGenerator(seed: seed)
        generator = SeededGenerator(seed: first.next() ^ salt)
    }

    mutating func next() -> UInt64 { generator.next() }

    /// From 0 to less than `bound`, which is at least 1.
    mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

    /// From 0 to less than 1, with all 53 bits.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func chance(_ share: Double) -> Bool { unit() < share }

    mutating func element<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
