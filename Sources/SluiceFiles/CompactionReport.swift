/// How far a compaction has come.
public struct CompactionProgress: Sendable, Hashable {
    /// Share of the text that is read, and read again where it was divided: 0 to 1.
    public var fraction: Double
    /// Rows of the history read so far.
    public var rows: Int
}

/// What a compaction found and wrote.
public struct CompactionSummary: Sendable, Hashable {
    /// The view's path.
    public var path: String
    /// Segments and rows of the history that were read.
    public var segments: Int
    public var rows: Int
    /// Rows that had outlived their retention.
    public var expired: Int
    /// Rows of the view, which are entities; the tombstones among them.
    public var entities: Int
    public var tombstones: Int
    /// The view's length.
    public var bytes: Int
}

/// Why there is no new view. The one that was there before is untouched.
public enum CompactionError: Error, Sendable, Hashable {
    /// The feature version has no history below this path.
    case notFound(String)
    /// Another compaction of it is running.
    case busy(String)
    /// A segment or manifest is missing, or is not what was written.
    case damaged(String)
    /// The disk did not do what was asked.
    case unreachable(String)

    /// What happened, with the path and the remedy.
    public var reason: String {
        switch self {
        case .notFound(let reason), .busy(let reason), .damaged(let reason), .unreachable(let reason): reason
        }
    }
}

extension CompactionError {
    init(_ fault: DiskFault) { self = .unreachable(fault.reason) }
}

/// Does something on the disk; its faults end the compaction.
func compacting<Result: ~Copyable>(_ body: () throws(DiskFault) -> Result) throws(CompactionError) -> Result {
    do throws(DiskFault) { return try body() } catch { throw CompactionError(error) }
}
