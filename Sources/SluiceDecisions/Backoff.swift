public import SluiceCore

/// How long to wait before trying again: doubling from 50 ms to 5 s, of which a random part is waited (at least half),
/// so that what failed together does not come back together.
public struct Backoff: Sendable {
    static let first: Duration = .milliseconds(50)
    static let longest: Duration = .seconds(5)

    /// Failures in a row.
    public private(set) var failures = 0
    private var random: SeededGenerator

    public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// Takes note of a failure, and tells when to try again.
    public mutating func failed(now: MonotonicTime) -> MonotonicTime {
        let doubled = Self.first * Double(UInt64(1) << UInt64(min(failures, 10)))
        failures += 1
        return now + min(doubled, Self.longest) * Double.random(in: 0.5...1, using: &random)
    }

    /// Takes note of a success: the next failure begins anew.
    public mutating func succeeded() { failures = 0 }
}
