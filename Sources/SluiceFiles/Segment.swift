internal import SluiceCore

/// A file of one feature version and date while rows are added to it: first in memory, then in a file whose name
/// begins with `_`.
final class Segment {
    let featureVersion: FeatureVersion
    let day: Int64
    let timePrefix: [UInt8]
    let dayStart: Int64
    /// The name that the file gets when it is finished.
    let name: String
    private(set) var rows = 0
    private(set) var textBytes = 0
    private var bytes = 0
    private var crc: UInt32 = 0
    private var versionLeast: WriteVersion?
    private var versionGreatest: WriteVersion?
    private var lines = LineBuffer(capacity: 4 << 10)
    private var file: OpenFile?

    init(featureVersion: FeatureVersion, day: Int64, name: String) {
        self.featureVersion = featureVersion
        self.day = day
        self.name = name
        timePrefix = RowLine.timePrefix(date: HistoryLayout.dateText(day: day))
        dayStart = day * 86_400_000_000
    }

    var nameTemporary: String { "_" + name }
    var dateFolder: String { HistoryLayout.dateFolder(day: day) }
    /// The names that lead to the folder in which the file stands.
    var path: [String] { HistoryLayout.path(of: featureVersion) + [dateFolder] }
    /// The text that waits in memory.
    var bytesBuffered: Int { lines.count }
    var hasFile: Bool { file != nil }

    /// Adds a row; returns the column for which it is refused, `nil` if it was added.
    func append(_ row: Row, columns: RowColumns) -> String? {
        let start = lines.count
        let refused = RowLine.append(
            row, columns: columns, timePrefix: timePrefix, dayStart: dayStart, to: &lines)
        guard refused == nil else { return refused }
        rows += 1
        textBytes += lines.count - start
        let version = row.version
        if let least = versionLeast, let greatest = versionGreatest {
            if version < least { versionLeast = version }
            if greatest < version { versionGreatest = version }
        } else {
            versionLeast = version
            versionGreatest = version
        }
        return nil
    }

    /// Gives it the file to write to.
    func open(_ file: consuming OpenFile) { self.file = consume file }

    /// Writes what waits in memory to the file, compressed if there is an encoder.
    func spill(_ encoder: GzipEncoder?, bufferBytes: Int) throws(DiskFault) {
        guard lines.count > 0 else { return }
        try lines.withBytes { (text) throws(DiskFault) in
            guard let encoder else { return try write(text) }
            try encoder.withMember(of: text) { (member) throws(DiskFault) in try write(member) }
        }
        lines.clear(keepingCapacity: bufferBytes)
    }

    /// Closes the file, made durable unless that is done for many at once; its entry in the manifest.
    func finish(sync: Bool) throws(DiskFault) -> ListedSegment {
        if sync { try file?.sync() }
        file = nil
        guard let versionLeast, let versionGreatest else { preconditionFailure("a segment has a row") }
        return ListedSegment(
            path: "\(dateFolder)/\(name)", rows: rows, bytes: bytes, textBytes: textBytes, crc: crc,
            versionLeast: versionLeast, versionGreatest: versionGreatest)
    }

    private func write(_ piece: UnsafeRawBufferPointer) throws(DiskFault) {
        precondition(file != nil, "a segment is given its file before it is written")
        try file?.write(piece)
        bytes += piece.count
        crc = crc32(crc, adding: piece)
    }
}
