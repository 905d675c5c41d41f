public import SluiceCore

/// A sink that keeps history in files: every row that has not expired is kept, in NDJSON by feature version and date
/// (`HistoryLayout` draws the tree, `RowLine` a line). So its verdicts are `applied`, `expired` and `refused`; which of
/// an entity's rows counts, readers tell by the greatest `_v`, and a row that was written twice by its equal `_v`.
///
/// **Settlement.** Rows collect in one segment per feature version and date. When the first of them is a second old,
/// when a segment has 64 MiB of text, or when a flush is asked for, all segments are finished together and made
/// durable, and only then the verdicts of their batches are given. A crash before that leaves nothing that is listed in
/// a manifest; the rows come again.
///
/// **Trouble.** After any failure of the disk the writer is given up with everything unfinished, and the next write
/// begins a new one; so a file that failed to sync is never synced again, and failing and crashing are one path.
///
/// **Bounds.** At most 4,096 batches, or row batches of 64 MiB, are outstanding; at most 8,192 segments are open, with
/// 32 MiB of text in memory and 256 file descriptors.
///
/// Many processes may write below one path, if its file system's `flock` works between them.
public final class FileSink: Sink {
    /// Where and how history is kept.
    public struct Configuration: Sendable {
        /// The root folder; made where it is missing.
        public var path: String
        public var compression: Compression
        public var faults: FaultHook
        /// A clock that never jumps, by which segments age.
        public var clock: @Sendable () -> MonotonicTime

        public init(
            path: String, compression: Compression = .none, faults: FaultHook = .none,
            clock: @escaping @Sendable () -> MonotonicTime = { .now }
        ) {
            self.path = path
            self.compression = compression
            self.faults = faults
            self.clock = clock
        }
    }

    public enum Compression: String, Sendable, CaseIterable {
        case none
        /// Files end `.ndjson.gz` and consist of several gzip members, which `zcat` and its like read as one text.
        case gzip
    }

    private let configuration: Configuration
    private let limits: FileSinkLimits
    /// `nil` before the first write and after trouble.
    private var store: SegmentStore?
    /// Written batches whose rows are not all durable, oldest first.
    private var outstanding: [[SinkVerdict]] = []
    /// Batches that are, and whose verdicts nobody has fetched.
    private var ready: [[SinkVerdict]] = []
    private var oldestWrite: MonotonicTime?
    /// The row batches that the outstanding rows are of. The gateway keeps them, since it may have to write them again,
    /// so an identity is not used twice.
    private var heldBatches: Set<ObjectIdentifier> = []
    private var heldBatchLast: ObjectIdentifier?
    private var heldBytes = 0

    /// Nothing is opened before the first write.
    public convenience init(_ configuration: Configuration) {
        self.init(configuration, limits: FileSinkLimits())
    }

    init(_ configuration: Configuration, limits: FileSinkLimits) {
        self.configuration = configuration
        self.limits = limits
    }

    /// As many batches as the bounds allow; once settling has something to do, no further one is asked for.
    public var window: Int {
        hasReachedBounds || !ready.isEmpty ? max(1, ready.count + outstanding.count) : limits.batches
    }

    public var settleDue: MonotonicTime? {
        guard let oldestWrite else { return nil }
        return hasReachedBounds || !ready.isEmpty ? oldestWrite : oldestWrite + limits.age
    }

    /// Does nothing: a write to a local disk cannot be interrupted, and ends by itself.
    public var interrupter: SinkInterrupter { SinkInterrupter {} }

    public func write(_ rows: [Row], now: EventTime) throws(SinkTrouble) {
        do throws(DiskFault) {
            let time = configuration.clock()
            if isDue(time) { try closeSegments() }
            let store = try openStore()
            if oldestWrite == nil { oldestWrite = time }
            var verdicts: [SinkVerdict] = []
            verdicts.reserveCapacity(rows.count)
            for row in rows {
                if row.isExpired(at: now) {
                    verdicts.append(.expired)
                    continue
                }
                verdicts.append(try store.append(row))
                hold(row.batch)
                if store.isFull { try closeSegments() }
            }
            outstanding.append(verdicts)
        } catch {
            giveUp()
            throw error.sinkTrouble
        }
    }

    public func settle(flush: Bool) throws(SinkTrouble) -> [[SinkVerdict]] {
        do throws(DiskFault) {
            if flush || isDue(configuration.clock()) { try closeSegments() }
        } catch {
            giveUp()
            throw error.sinkTrouble
        }
        defer { ready = [] }
        if outstanding.isEmpty { oldestWrite = nil }
        return ready
    }

    public func close() { giveUp() }

    /// Whether what is outstanding can be settled, or must be, whatever its age.
    private var hasReachedBounds: Bool {
        guard !outstanding.isEmpty, let store else { return false }
        return store.isEmpty || outstanding.count >= limits.batches || heldBytes >= limits.heldBytes
    }

    private func isDue(_ time: MonotonicTime) -> Bool {
        guard !outstanding.isEmpty, let oldestWrite else { return false }
        return hasReachedBounds || time >= oldestWrite + limits.age
    }

    private func openStore() throws(DiskFault) -> SegmentStore {
        if let store { return store }
        let opened = try SegmentStore(configuration, limits: limits)
        store = opened
        return opened
    }

    /// Makes every row so far durable, and with them the batches that were written whole.
    private func closeSegments() throws(DiskFault) {
        try store?.close()
        ready += outstanding
        outstanding = []
        (heldBatches, heldBatchLast, heldBytes) = ([], nil, 0)
    }

    /// Counts the memory that waits for settlement, by the row batches that it is in.
    private func hold(_ batch: RowBatch) {
        let id = ObjectIdentifier(batch)
        guard id != heldBatchLast else { return }
        heldBatchLast = id
        if heldBatches.insert(id).inserted { heldBytes += batch.byteCount }
    }

    private func giveUp() {
        store?.abandon()
        store = nil
        (outstanding, ready, oldestWrite) = ([], [], nil)
        (heldBatches, heldBatchLast, heldBytes) = ([], nil, 0)
    }
}

/// The bounds of a file sink. Tests make them small.
struct FileSinkLimits: Sendable {
    /// Age of the oldest outstanding batch at which segments are finished.
    var age = Duration.seconds(1)
    /// Text of one segment at which all are finished.
    var segmentBytes = 64 << 20
    /// Segments that rows are added to: one per feature version and date.
    var segments = 8192
    /// Segments that may write what waits in memory before they are finished, and so open files. Where there are more,
    /// all text waits in memory, within `bufferBytesTotal`.
    var segmentsSpilling = 256
    /// Segments that are synced one by one when they are finished.
    var segmentsSynced = 16
    /// Outstanding batches.
    var batches = 4096
    /// Memory of the row batches whose rows are outstanding.
    var heldBytes = 64 << 20
    /// Text of one segment, and of all together, that waits in memory.
    var bufferBytes = 256 << 10
    var bufferBytesTotal = 32 << 20
    /// Row schemas that are kept prepared.
    var schemas = 4096
}
