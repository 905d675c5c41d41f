public import SluiceCore

/// Files as a stream: what a file, a folder or a glob holds now and what appears there later, read line by line.
///
/// **Order.** Files are read in turn, a batch of each, so that none waits for another's end; of those waiting for a
/// place the earlier registered comes first. A file's ordinal comes from the coordination store and is shared by all
/// sinks; each sink has a `FileSource` of its own, with its own cursor.
///
/// **Growth.** A file may grow while it is read, by whole appended bytes; so may an archive (`.gz`), whose offsets
/// count decompressed bytes and which is decompressed from its beginning to resume in it. A line without its end waits
/// for it, unless the file cannot grow: an archive that is whole, or any file of a source with `endsAtLastByte`. An
/// archive whose member ends in the middle of a line, with nothing behind it, ends that line.
///
/// **Replacement.** A path whose inode or first bytes changed, or whose file shrank, is another file: a new ordinal,
/// read from its beginning. The old one, if it is still open, is read to its end first. A rewrite in place that keeps
/// the inode and the first 1,024 bytes and does not shrink cannot be told from growth. A file renamed to another name
/// in the stream is read again under that name: rotate out of the stream's folder, or to a name that begins with `_`.
///
/// **Limits.** A line of more than 1 MiB becomes a record of its first 1 MiB + 1 byte, for the decoder to refuse; the
/// rest is skipped. `openFiles` bounds descriptors, not the number of files; each file costs about 300 bytes. Listing is
/// polled (`RescanSchedule`), which works on every file system and costs at most a tenth of the reading thread.
public final class FileSource: Source {
    /// Batches that a file gives before it makes room for one that waits. An archive keeps its place to its end, since
    /// coming back to it costs reading it anew.
    static let turnsPerPlace = 16
    /// Listings at which a drain tries a file that cannot be reached.
    static let failuresOfDrain = 20
    /// Files that are registered in one call.
    static let registeredAtOnce = 1000

    let configuration: FileSourceConfiguration
    let coordination: any CoordinationStore
    private let clock: () -> MonotonicTime
    let wallClock: () -> EventTime

    var cursors: FileCursors?
    var schedule = RescanSchedule()
    var root = ""
    var listings: UInt64 = 0
    /// The files by path, as of the last listing.
    var files: [FilePath: FollowedFile] = [:]
    /// Files that lost their path and are open: read to their end, then let go.
    var detached: [FollowedFile] = []
    /// Paths that hold nothing now, and the ordinal that what comes there next must not have.
    var replaced: [FilePath: UInt32] = [:]
    var queue = FollowedFileQueue()
    /// Troubles of the last listing, and those that `read` has yet to throw.
    var listingTroubles: [SourceTrouble] = []
    var unreported: [SourceTrouble] = []
    /// Files that are open, among them perhaps some that have been closed since.
    private var open: [FollowedFile] = []
    private var uses: UInt64 = 0
    private var hasReadSinceListing = false

    public private(set) var isAtEnd = false

    /// Why there is nothing to read, where that may be a mistake: the path does not exist.
    public internal(set) var notice: String?

    /// - Parameters:
    ///   - clock: a monotonic clock, by which files are listed again.
    ///   - wallClock: the clock by which files say when they were written to.
    public init(
        _ configuration: FileSourceConfiguration, coordination: any CoordinationStore,
        clock: @escaping () -> MonotonicTime = { .now }, wallClock: @escaping () -> EventTime = { .now }
    ) {
        self.configuration = configuration
        self.coordination = coordination
        self.clock = clock
        self.wallClock = wallClock
    }

    public var troubles: [SourceTrouble] {
        let ofFiles = files.values.filter { $0.trouble != nil }.sorted { $0.ordinal < $1.ordinal }
        return listingTroubles + ofFiles.compactMap(\.trouble)
    }

    // MARK: Source

    public func read(limit: Int) throws(SourceTrouble) -> RecordBatch? {
        precondition(limit > 0, "a read asks for at least one record")
        let start = clock()
        // Whether the end was reached is known only by a listing that follows the last byte read.
        let wantsEnd = configuration.endsAtLastByte && queue.isEmpty && hasReadSinceListing
        if wantsEnd || schedule.isDue(start) { try rescan(start) }
        if !unreported.isEmpty { throw unreported.removeFirst() }
        while let file = queue.next(places: max(1, configuration.openFiles / 2)) {
            if let batch = try turn(of: file, limit: limit) {
                isAtEnd = false
                return batch
            }
        }
        return nil
    }

    public func settled(_ batch: RecordBatch, dataRecords: Int) {
        cursors?.settle(batch.end, dataRecords: dataRecords)
    }

    public func commit() throws(SourceTrouble) {
        do throws(CoordinationTrouble) {
            try cursors?.commit(to: coordination)
        } catch {
            throw SourceTrouble(error)
        }
    }

    public func close() {
        for file in files.values { file.close() }
        detached.removeAll()
        open.removeAll()
        queue.removeAll()
        files.removeAll()
    }

    // MARK: Reading in turn

    private func turn(of file: FollowedFile, limit: Int) throws(SourceTrouble) -> RecordBatch? {
        makeRoom(for: file)
        hasReadSinceListing = true
        uses += 1
        file.lastUse = uses
        let turn: FollowedFile.Turn
        do throws(SourceTrouble) {
            turn = try file.turn(limit: limit, fullPath: root + file.path.text)
        } catch {
            queue.rest(file)
            file.close()
            guard file.trouble != error else { return nil }
            file.trouble = error
            throw error
        }
        file.trouble = nil
        switch turn {
        case .batch(let batch):
            if file.isExhausted {
                queue.rest(file)
                // A drain comes back only to what has grown, and that is rare.
                if configuration.endsAtLastByte, !file.isDetached { file.close() }
            } else {
                file.turns += 1
                let keepsPlace = file.isCompressed || file.turns < Self.turnsPerPlace
                queue.pass(file, keepsPlace: keepsPlace)
            }
            return batch
        case .nothing:
            queue.rest(file)
        case .replaced:
            queue.rest(file)
            forget(file)
            replaced[file.path] = file.ordinal
            schedule = RescanSchedule()
        }
        return nil
    }

    /// Closes the file that was not read for longest, where as many are open as may be. One that has lost its path
    /// cannot be opened again and is spared as long as there is another.
    private func makeRoom(for file: FollowedFile) {
        guard !file.isOpen else { return }
        open.removeAll { !$0.isOpen }
        if open.count >= configuration.openFiles {
            let victim = open.filter { $0.stage != .active }.min { one, other in
                (one.isDetached ? 1 : 0, one.lastUse) < (other.isDetached ? 1 : 0, other.lastUse)
            }
            victim?.close()
        }
        open.append(file)
    }

    private func rescan(_ start: MonotonicTime) throws(SourceTrouble) {
        var changed = false
        hasReadSinceListing = false
        defer { schedule.scanned(from: start, to: clock(), changed: changed) }
        isAtEnd = false
        changed = try relist()
        isAtEnd = queue.isEmpty && detached.isEmpty
    }
}

extension SourceTrouble {
    init(_ trouble: CoordinationTrouble) {
        switch trouble {
        case .unavailable(let reason): self = .unreachable("the coordination store: \(reason)")
        case .damaged(let reason): self = .damaged("the coordination store: \(reason)")
        case .heldByAnother(let reason), .fenced(let reason): self = .leaseLost(reason)
        }
    }
}
