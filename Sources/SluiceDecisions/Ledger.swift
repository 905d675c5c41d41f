internal import DequeModule
public import SluiceCore

/// Remembers which batches of records are under way and what of them is still unsettled, and tells when a cursor may
/// move: over a batch whose rows are all settled, once everything before it in its partition is.
///
/// Its size is bounded by whoever opens entries: `unsettledBytes` tells how much is held.
public struct Ledger: Sendable {
    public typealias EntryID = UInt64

    /// Where a batch of records came from, and so what its settlement moves.
    public enum Origin: Sendable, Hashable {
        /// A lane's stream: its cursor moves.
        case stream(lane: Int)
        /// Dead letters that were tried again: they are gone.
        case replay([DeadLetter.ID])
    }

    /// A batch of records of which every row is settled.
    public struct Settled: Sendable {
        public let origin: Origin
        public let records: RecordBatch
        /// Records of the batch that are data, not control.
        public let dataRecords: Int
    }

    private struct Entry {
        let settled: Settled
        let bytes: Int
        var unsettledRows: Int
    }

    private struct Partition: Hashable {
        let lane: Int
        let number: UInt32
    }

    private var entries: [EntryID: Entry] = [:]
    private var order: [Partition: Deque<EntryID>] = [:]
    private var finished: [Settled] = []
    private var nextID: EntryID = 0
    /// The class of each lane.
    private let classes: [Lane]
    /// Bytes held by unsettled batches, by lane and by class; replays count to none.
    private var bytesByLane: [Int]
    private var bytesByClass: [Lane: Int] = [:]

    /// - Parameter lanes: the class of each lane, by its index.
    public init(lanes: [Lane]) {
        classes = lanes
        bytesByLane = lanes.map { _ in 0 }
    }

    /// Whether nothing is under way and nothing waits to be taken.
    public var isEmpty: Bool { entries.isEmpty && finished.isEmpty }

    /// Whether `takeSettled` has something to tell.
    public var hasSettled: Bool { !finished.isEmpty }

    /// Bytes held by a lane's unsettled batches.
    public func unsettledBytes(ofLane lane: Int) -> Int { bytesByLane[lane] }

    /// Bytes held by the unsettled batches of all lanes of a class.
    public func unsettledBytes(ofClass lane: Lane) -> Int { bytesByClass[lane, default: 0] }

    /// Opens an entry for a batch that made so many rows. One that made none is settled at once, in its turn.
    public mutating func open(
        _ records: RecordBatch, origin: Origin, dataRecords: Int, rows: Int, bytes: Int
    ) -> EntryID {
        let id = nextID
        nextID += 1
        entries[id] = Entry(
            settled: Settled(origin: origin, records: records, dataRecords: dataRecords), bytes: bytes,
            unsettledRows: rows)
        if case .stream(let lane) = origin {
            hold(bytes, lane: lane)
            order[Partition(lane: lane, number: records.partition), default: []].append(id)
        }
        if rows == 0 { finish(id) }
        return id
    }

    /// Takes note that so many further rows of a batch are settled.
    public mutating func settle(_ id: EntryID, rows: Int) {
        guard var entry = entries[id] else { preconditionFailure("an entry is open until its last row is settled") }
        precondition(rows <= entry.unsettledRows, "a row is settled once")
        entry.unsettledRows -= rows
        entries[id] = entry
        if entry.unsettledRows == 0 { finish(id) }
    }

    /// Batches over which the cursor may move now, in the order of each partition; each is told once.
    public mutating func takeSettled() -> [Settled] {
        defer { finished.removeAll() }
        return finished
    }

    private mutating func finish(_ id: EntryID) {
        guard let entry = entries[id] else { return }
        guard case .stream(let lane) = entry.settled.origin else {
            finished.append(entry.settled)
            entries[id] = nil
            return
        }
        let partition = Partition(lane: lane, number: entry.settled.records.partition)
        while let head = order[partition]?.first, let entry = entries[head], entry.unsettledRows == 0 {
            finished.append(entry.settled)
            hold(-entry.bytes, lane: lane)
            entries[head] = nil
            order[partition]?.removeFirst()
        }
        if order[partition]?.isEmpty == true { order[partition] = nil }
    }

    private mutating func hold(_ bytes: Int, lane: Int) {
        bytesByLane[lane] += bytes
        bytesByClass[classes[lane], default: 0] += bytes
    }
}
