/// What writers leave behind that ended without clearing up: files that were never finished, and files that were
/// finished and never listed. Their rows were not settled, so they come again, in other files; these are removed, so
/// that whoever reads the folders without the manifests does not see rows twice.
///
/// A writer is dead when its lock can be taken.
enum DeadWriters {
    /// Clears up after every dead writer. What cannot be removed is left for the next one who comes by: readers that
    /// use the manifests do not see it.
    static func clear(in root: borrowing Folder) throws(DiskFault) {
        guard let folder = try root.folder([HistoryLayout.writers]) else { return }
        for name in try folder.texts() where name.hasSuffix(HistoryLayout.lockSuffix) {
            let writer = String(name.dropLast(HistoryLayout.lockSuffix.count))
            do throws(DiskFault) {
                let lock = try folder.openToAppend(name)
                if try lock.lock(), try !lock.isUnlinked() { try clear(writer, lock: lock, in: root) }
            } catch {
                continue
            }
        }
    }

    /// Clears up after one writer, whose lock is held.
    static func clear(_ writer: String, lock: borrowing OpenFile, in root: borrowing Folder) throws(DiskFault) {
        let text = String(decoding: try lock.bytes(at: 0, count: Int(lock.status().size)), as: UTF8.self)
        var listed: [String: UInt64?] = [:]
        for line in Set(text.split(separator: "\n")) {
            guard let path = HistoryLayout.dateFolderPath(text: line) else { continue }
            let version = path.dropLast().joined(separator: "/")
            if listed[version] == nil {
                listed[version] = .some(try lastListed(of: writer, in: root, version: Array(path.dropLast())))
            }
            try removeUnlisted(of: writer, after: listed[version] ?? nil, in: root, path: path)
        }
        guard let folder = try root.folder([HistoryLayout.writers]) else { return }
        try folder.remove(writer + HistoryLayout.lockSuffix)
        try folder.sync()
    }

    /// The number of the writer's last part that its manifest lists: 0 if there is none, `nil` if that cannot be said.
    /// A writer lists its parts in the order of their numbers, and a line that was torn is its last one.
    private static func lastListed(
        of writer: String, in root: borrowing Folder, version: [String]
    ) throws(DiskFault) -> UInt64? {
        guard let folder = try root.folder(version + [HistoryLayout.manifest]),
            let manifest = try folder.openToRead(writer + HistoryLayout.manifestSuffix)
        else { return 0 }
        let size = try manifest.status().size
        let start = size - min(size, UInt64(tailLength))
        let tail = try manifest.bytes(at: start, count: tailLength)
        for line in tail.split(separator: UInt8(ascii: "\n")).reversed() {
            guard let segment = ListedSegment(manifestLine: line),
                let name = segment.path.split(separator: "/").last
            else { continue }
            return HistoryLayout.partNumber(name: name, writer: writer)
        }
        return start == 0 ? 0 : nil
    }

    /// Bytes at the end of a manifest among which a whole line stands, unless it is damaged.
    private static let tailLength = 64 << 10

    private static func removeUnlisted(
        of writer: String, after last: UInt64?, in root: borrowing Folder, path: [String]
    ) throws(DiskFault) {
        guard let folder = try root.folder(path) else { return }
        for name in try folder.texts() {
            if let number = HistoryLayout.partNumber(name: name, writer: writer) {
                if let last, number > last { try folder.remove(name) }
            } else if HistoryLayout.isTemporary(name),
                HistoryLayout.partNumber(name: name.dropFirst(), writer: writer) != nil
            {
                try folder.remove(name)
            }
        }
        try folder.sync()
    }
}
