/// One stream as one sink reads it: its records in order, and the cursor that says how far they are settled.
///
/// All calls are made on one thread. None waits for new records: `read` answers with what is there.
public protocol Source: AnyObject {
    /// The next records, at most `limit` of them and about 1 MiB; `nil` when there is nothing new now. All records of
    /// a batch come from one partition.
    func read(limit: Int) throws(SourceTrouble) -> RecordBatch?

    /// Takes note that every record of this batch is settled. Batches of one partition arrive here in the order in
    /// which they were read.
    ///
    /// - Parameter dataRecords: how many of the batch's records are data; the others are control records.
    func settled(_ batch: RecordBatch, dataRecords: Int)

    /// Makes the cursor durable as far as `settled` has moved it; does nothing when it has not moved.
    func commit() throws(SourceTrouble)

    /// Whether the last `read` found the end of everything that was there and can be read. What grows later makes it
    /// false again.
    var isAtEnd: Bool { get }

    /// Why there is nothing to read, where that may be a mistake: a path at which nothing is.
    var notice: String? { get }

    /// How much is settled and how much there is, as of the last look; `nil` where that is unknown. Cheap.
    var backlog: SourceBacklog? { get }

    /// What is there and cannot be read, as long as that lasts: `read` threw each of these once, and went on with the
    /// rest. A stream that is at its end with troubles was not read completely.
    var troubles: [SourceTrouble] { get }

    func close()
}

extension Source {
    /// None, for streams that are empty without a reason to wonder.
    public var notice: String? { nil }

    /// None, for streams that are read as a whole or not at all.
    public var troubles: [SourceTrouble] { [] }
}

/// Why a stream could not be read, or its cursor not be moved. It is tried again.
public enum SourceTrouble: Error, Sendable, Hashable {
    /// The stream cannot be reached or opened now.
    case unreachable(String)
    /// What is there cannot be read: a damaged archive, a header that is no header. A person is needed; the other
    /// partitions of the stream go on.
    case damaged(String)
    /// Another process took over what this one had leased; this source must stop.
    case leaseLost(String)

    public var reason: String {
        switch self {
        case .unreachable(let reason), .damaged(let reason), .leaseLost(let reason): reason
        }
    }
}
