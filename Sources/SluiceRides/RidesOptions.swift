public import SluiceCore

/// How many events to make, and how troubled they are. Equal options make equal bytes.
public struct RidesOptions: Sendable, Hashable {
    /// Data records in all streams together; at least 1.
    public var rows: Int
    public var seed: UInt64
    /// The newest event times lie here; earlier ones up to 20 days before. Seconds count, fractions are cut off.
    ///
    /// Pass the clock's time: rows are kept for 30 days in one of the features, so events that are anchored ten days
    /// ago or more begin to expire.
    public var anchor: EventTime
    /// Files per stream and lane, and so parts of each bootstrap; from 1 to 99,999.
    public var parts: Int
    /// The share of records that come by the realtime stream, where a stream has both; 0 to 1.
    public var realtimeShare: Double
    /// The share that comes minutes to days after its time.
    public var lateShare: Double
    /// The share that repeats an earlier record byte by byte.
    public var duplicateShare: Double
    /// The share that has the very event time of an earlier record of its entity.
    public var tieShare: Double
    /// The share that the features' SQL leaves out.
    public var filteredShare: Double
    /// The share that deletes its entity, where a stream has deletes.
    public var deletedShare: Double
    /// The share that no feature can take: broken JSON, no key, no time, a time in the future.
    public var refusedShare: Double

    public init(
        rows: Int, seed: UInt64, anchor: EventTime, parts: Int = 2, realtimeShare: Double = 0.2,
        lateShare: Double = 0.15, duplicateShare: Double = 0.02, tieShare: Double = 0.04, filteredShare: Double = 0.04,
        deletedShare: Double = 0.02, refusedShare: Double = 0.004
    ) {
        precondition(rows >= 1, "at least one row is asked for")
        precondition((1...99_999).contains(parts), "parts are numbered with five digits")
        precondition((0...1).contains(realtimeShare), "a share lies between 0 and 1")
        self.rows = rows
        self.seed = seed
        self.anchor = EventTime(microseconds: anchor.microseconds / 1_000_000 * 1_000_000)
        self.parts = parts
        self.realtimeShare = realtimeShare
        self.lateShare = lateShare
        self.duplicateShare = duplicateShare
        self.tieShare = tieShare
        self.filteredShare = filteredShare
        self.deletedShare = deletedShare
        self.refusedShare = refusedShare
    }
}
