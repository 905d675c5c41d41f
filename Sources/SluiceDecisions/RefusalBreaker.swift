public import SluiceCore

/// Decides when so many of a feature version's records are refused that the fault lies with the feature, and it should
/// pause rather than drain its stream into the dead letters: when over the last minute at least 1,000 records came and
/// more than `maxShare` of them were refused.
public struct RefusalBreaker: Sendable {
    static let span = 60
    static let leastRecords = 1000

    private struct Second {
        var number: Int64 = -1
        var records = 0
        var refused = 0
    }

    public let maxShare: Double
    private var seconds = [Second](repeating: Second(), count: span)

    /// - Parameter maxShare: from 0 to 1.
    public init(maxShare: Double) { self.maxShare = maxShare }

    /// Takes note of records, and tells whether the feature should pause.
    public mutating func observe(records: Int, refused: Int, now: MonotonicTime) -> Bool {
        let number = now.nanoseconds / 1_000_000_000
        let slot = Int(number % Int64(Self.span))
        if seconds[slot].number != number { seconds[slot] = Second(number: number) }
        seconds[slot].records += records
        seconds[slot].refused += refused
        guard refused > 0 else { return false }
        let recent = seconds.filter { $0.number > number - Int64(Self.span) }
        let total = recent.reduce(0) { $0 + $1.records }
        let bad = recent.reduce(0) { $0 + $1.refused }
        return total >= Self.leastRecords && Double(bad) > maxShare * Double(total)
    }
}
