public import SluiceCore

/// How long to wait before trying again: doubling from 50 ms to 5 s, of which a random part is waited (at least half),
/// so that what failed together does not come back together.
public struct Backoff: Sendable {
    static let first: Duration = .milliseconds(50)
    static let longest: Duration = .seconds(5)

    /// Failures in a row.
    public private(set) var failures = 0
    private var random: SplitMix64

    public init(seed: UInt64) { random = SplitMix64(state: seed) }

    /// Takes note of a failure, and tells when to try again.
    public mutating func failed(now: MonotonicTime) -> MonotonicTime {
        let doubled = Self.first * Double(UInt64(1) << UInt64(min(failures, 10)))
        failures += 1
        return now + min(doubled, Self.longest) * Double.random(in: 0.5...1, using: &random)
    }

    /// Takes note of a success: the next failure begins anew.
    public mutating func succeeded() { failures = 0 }
}

/// A small generator of random numbers whose whole state is its seed, so that a run can be repeated. (Steele, Lea and
/// Flood, "Fast splittable pseudorandom number generators", 2014.)
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(state: UInt64) { self.state = state }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
