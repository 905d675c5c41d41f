/// What became of everything that one lane brought to one sink, since the process started.
///
/// The counts add up: `records` = `filtered` + `refused` + the records that made rows, and once all is settled `rows`
/// = the sum over `outcomes`.
public struct LaneTotals: Sendable, Hashable {
    /// Control records read: they are no data, and have no outcome.
    public var controls = 0
    /// Data records read.
    public var records = 0
    public var filtered = 0
    public var refused = 0
    /// Rows that the records made.
    public var rows = 0
    /// Rows settled, by what became of them.
    public var outcomes: [RowOutcome: Int] = [:]

    public init() {}

    public subscript(outcome: RowOutcome) -> Int { outcomes[outcome, default: 0] }

    /// Rows settled so far.
    public var settled: Int { outcomes.values.reduce(0, +) }

    public static func += (total: inout LaneTotals, other: LaneTotals) {
        total.controls += other.controls
        total.records += other.records
        total.filtered += other.filtered
        total.refused += other.refused
        total.rows += other.rows
        total.outcomes.merge(other.outcomes, uniquingKeysWith: +)
    }
}
