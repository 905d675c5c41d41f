/// Decides how many records a lane should take at a time: as many as are turned into rows within a fair turn, so that
/// one feature's slow or multiplying SQL does not hold up the others.
///
/// It begins small and doubles while turns are short; a turn that was too long, or made too much, halves it.
public struct Appetite: Sendable {
    static let most = 256
    static let first = 8
    /// How long a turn may last.
    static let turn: Duration = .milliseconds(20)
    /// How much memory the rows of a turn may take.
    static let bytes = 2 << 20

    /// Records to take next; from 1.
    public private(set) var records = first

    public init() {}

    /// Takes note of a turn.
    public mutating func took(_ duration: Duration, bytes: Int) {
        if duration > Self.turn || bytes > Self.bytes {
            records = max(1, records / 2)
        } else if duration < Self.turn / 2, bytes < Self.bytes / 2 {
            records = min(Self.most, records * 2)
        }
    }
}
