/// The view under construction, beside the one that readers see, and the lock by which only one is made at a time.
final class CompactionView {
    let folder: Folder
    private let lock: OpenFile
    private let file: OpenFile
    private let run: String
    private var lines = LineBuffer(capacity: 64 << 10)
    private(set) var rows = 0
    private var bytes = 0
    private static let bufferBytes = 256 << 10

    private init(folder: consuming Folder, lock: consuming OpenFile, file: consuming OpenFile, run: String) {
        self.folder = folder
        self.lock = lock
        self.file = file
        self.run = run
        lines.append("{\"_sluice\":\"begin\",\"run\":\"\(run)\",\"keeps_versions\":true}\n")
    }

    deinit { lock.unlock() }

    /// Begins a view in the folder of a feature version, after clearing up what an interrupted one left.
    static func begin(in history: borrowing Folder, run: String) throws(CompactionError) -> CompactionView {
        let begun = try compacting { () throws(DiskFault) -> CompactionView? in
            let folder = try history.makeFolder([HistoryLayout.latest])
            try history.sync()
            let lock = try folder.openToAppend(HistoryLayout.viewLock)
            guard try lock.lock() else { return nil }
            for name in try folder.texts() where HistoryLayout.isTemporary(name) && name != HistoryLayout.viewLock {
                try folder.remove(name)
            }
            let file = try folder.create(nameTemporary)
            return CompactionView(folder: folder, lock: lock, file: file, run: run)
        }
        guard let begun else {
            throw .busy("another compaction is writing to \(history.path)/\(HistoryLayout.latest); wait for its end")
        }
        return begun
    }

    /// Adds a row.
    func append(_ line: [UInt8]) throws(CompactionError) {
        lines.append(line)
        rows += 1
        if lines.count >= Self.bufferBytes { try flush() }
    }

    var path: String { "\(folder.path)/\(HistoryLayout.view)" }

    /// Puts the view in the old one's place, durably; its length.
    func finish() throws(CompactionError) -> Int {
        lines.append("{\"_sluice\":\"end\",\"run\":\"\(run)\",\"count\":\(rows)}\n")
        try flush()
        try compacting { () throws(DiskFault) in
            try file.sync()
            try folder.rename(Self.nameTemporary, to: HistoryLayout.view)
            try folder.sync()
        }
        return bytes
    }

    /// Removes what was written, after trouble.
    func abandon() { try? folder.remove(Self.nameTemporary) }

    /// A file without a name, which is gone when it is closed.
    func makeSpill() throws(CompactionError) -> OpenFile {
        try compacting { () throws(DiskFault) in
            let file = try folder.create(Self.spillName)
            try folder.remove(Self.spillName)
            return file
        }
    }

    private static let nameTemporary = "_" + HistoryLayout.view
    private static let spillName = "_spill"

    private func flush() throws(CompactionError) {
        try compacting { () throws(DiskFault) in
            try lines.withBytes { (text) throws(DiskFault) in try file.write(text) }
        }
        bytes += lines.count
        lines.clear(keepingCapacity: Self.bufferBytes * 2)
    }
}
