internal import SluiceCore

/// One file of a stream: who it is, how far it was read, and its open content while it is being read.
///
/// ```
/// idle ──grew──▶ waiting ──a place is free──▶ active ──nothing more to read──▶ idle
///                   ▲───────its turns are over──┘
/// ```
final class FollowedFile {
    enum Stage {
        /// Nothing to read, as far as is known.
        case idle
        /// In the queue for a place among those that are read in turn.
        case waiting
        case active
    }

    /// What a turn brought.
    enum Turn {
        case batch(RecordBatch)
        /// No whole record is there now.
        case nothing
        /// The file is shorter than what was already read of it: it is another one.
        case replaced
    }

    /// A line that is longer than a record may be: its beginning, and how far its end has been looked for.
    private struct LongLine {
        var head: [UInt8]
        var searchedTo: UInt64
    }

    private static let smallestChunk = 16 << 10
    private static let largestChunk = FileSourceLines.recordLimit + 2
    private static let skipSize = 256 << 10
    /// How long a file must not have been written to before a last line without an end is taken for whole.
    private static let restMicroseconds: Int64 = 2_000_000

    let path: FilePath
    let ordinal: UInt32
    let identity: FileIdentity
    let format: FileSourceConfiguration.Format
    let isCompressed: Bool
    /// What the listing last said of it.
    var status: FileStatus
    /// Where the next record is looked for, in decompressed bytes.
    private(set) var offset: UInt64
    var stage = Stage.idle
    /// Batches it gave since it became active.
    var turns = 0
    var lastUse: UInt64 = 0
    var lastListing: UInt64 = 0
    var trouble: SourceTrouble?
    /// Whether its path is another file's now, or nobody's.
    var isDetached = false
    /// Whether it grows no more, so that a last line without an end is a record.
    var isFinal: Bool
    /// Whether the last turn found its end.
    private(set) var isExhausted = false
    /// Whether its last line has no end, and may get one: its writer was at work a moment ago.
    private(set) var awaitsQuiet = false
    /// Listings at which it could not be reached.
    var failures = 0

    private let wallClock: () -> EventTime
    private var content: (any FileSourceContent)?
    private var recordFormat = RecordFormat.json
    private var recordBytes = 512
    private var longLine: LongLine?

    init(
        path: FilePath, ordinal: UInt32, identity: FileIdentity, status: FileStatus, offset: UInt64,
        format: FileSourceConfiguration.Format, isFinal: Bool,
        wallClock: @escaping () -> EventTime
    ) {
        self.wallClock = wallClock
        self.path = path
        self.ordinal = ordinal
        self.identity = identity
        self.status = status
        self.offset = offset
        self.format = format
        self.isFinal = isFinal
        isCompressed = path.text.hasSuffix(".gz")
    }

    var isOpen: Bool { content != nil }

    /// Whether there may be something to read, by what the listing said. Of an archive only reading it can tell.
    var mayHaveMore: Bool { isCompressed || status.size > offset }

    /// Its present state by its open descriptor; `nil` when it is not open.
    func presentStatus() throws(SourceTrouble) -> FileStatus? { try content?.status() }

    func close() {
        content = nil
        longLine = nil
    }

    /// The next batch.
    ///
    /// - Parameter fullPath: by which it is opened, if it is not open.
    func turn(limit: Int, fullPath: String) throws(SourceTrouble) -> Turn {
        isExhausted = false
        awaitsQuiet = false
        guard try openContent(fullPath) else {
            isExhausted = true
            return .nothing
        }
        if longLine != nil { return try finishLongLine(fullPath) }
        var count = min(max(limit * recordBytes * 9 / 8, Self.smallestChunk), Self.largestChunk)
        while true {
            var chunk = try content!.chunk(at: offset, count: count)
            if chunk.ending == .tooShort { return .replaced }
            let lines = try divide(chunk, limit: limit)
            let rest = chunk.bytes.count - lines.consumed
            if !lines.records.isEmpty {
                isExhausted =
                    !lines.isFull && !(isFinal && rest > 0)
                    && (chunk.ending == .closed || chunk.ending == .open && !(isCompressed && isFinal))
                return .batch(batch(of: lines, cutting: &chunk.bytes))
            }
            offset += UInt64(lines.consumed)
            switch chunk.ending {
            case .more where rest < Self.largestChunk: if rest == chunk.bytes.count { count = grown(count) }
            case .damaged: try checkArchive(chunk.ending, fullPath)
            case .open where isCompressed && isFinal: try checkArchive(chunk.ending, fullPath)
            case _ where rest >= Self.largestChunk:
                let head = Array(chunk.bytes.suffix(rest).prefix(FileSourceLines.recordLimit + 1))
                longLine = LongLine(head: head, searchedTo: offset + UInt64(rest))
                return try finishLongLine(fullPath)
            case .open where isFinal && rest > 0: return try unendedLine(rest, fullPath)
            default:
                isExhausted = true
                return .nothing
            }
        }
    }

    /// A last line without its end, of which one cannot tell that it is whole.
    private func unendedLine(_ bytes: Int, _ fullPath: String) throws(SourceTrouble) -> Turn {
        if format == .csv {
            awaitsQuiet = true
            return .nothing
        }
        throw .damaged(
            "\(fullPath): its last line has no end and is no whole record, so its \(bytes) bytes were not read; "
                + "let its writer finish, or end the line")
    }

    private func grown(_ count: Int) -> Int { min(count * 4, Self.largestChunk) }

    /// Whether what a chunk ends with is a whole line though it has no end. Of an archive that is known. A file that
    /// should grow no more may be in the middle of a write: a JSON object must be closed, and a line of CSV, of which
    /// nobody can tell, must have rested.
    private func endsFile(
        _ chunk: FileSourceChunk, of content: any FileSourceContent
    ) throws(SourceTrouble) -> Bool {
        if chunk.ending == .closed { return true }
        guard chunk.ending == .open, isFinal, !isCompressed else { return false }
        switch format {
        case .ndjson: return chunk.bytes.withUnsafeBufferPointer(FileSourceLines.endsWithWholeObject)
        case .csv:
            return wallClock().microseconds - (try content.status().modified) / 1000 >= Self.restMicroseconds
        }
    }

    private func divide(_ chunk: FileSourceChunk, limit: Int) throws(SourceTrouble) -> FileSourceLines {
        let isLast = try endsFile(chunk, of: content!)
        return chunk.bytes.withUnsafeBufferPointer { bytes in
            FileSourceLines(
                of: bytes, base: offset, ordinal: ordinal, limit: limit, format: format, isLast: isLast)
        }
    }

    private func batch(of lines: FileSourceLines, cutting bytes: inout [UInt8]) -> RecordBatch {
        offset += UInt64(lines.consumed)
        recordBytes = max(16, lines.consumed / lines.records.count)
        bytes.removeLast(bytes.count - lines.consumed)
        // A batch may wait long; it should not hold much more memory than it has bytes.
        if bytes.count < bytes.capacity / 4 {
            var small: [UInt8] = []
            small.reserveCapacity(bytes.count + RecordBatch.padding)
            small.append(contentsOf: bytes)
            bytes = small
        }
        return batch(bytes, lines.records)
    }

    private func batch(_ bytes: consuming [UInt8], _ records: [RecordBatch.Record]) -> RecordBatch {
        RecordBatch(
            format: recordFormat, partition: ordinal, bytes: bytes, records: records,
            end: Position(fileOrdinal: ordinal, offset: offset))
    }

    /// Looks for the end of a line that is too long, without keeping it.
    private func finishLongLine(_ fullPath: String) throws(SourceTrouble) -> Turn {
        while let line = longLine {
            let chunk = try content!.chunk(at: line.searchedTo, count: Self.skipSize)
            let newline = chunk.bytes.withUnsafeBufferPointer { $0.firstNewline() }
            longLine?.searchedTo += UInt64(newline.map { $0 + 1 } ?? chunk.bytes.count)
            if newline == nil {
                if chunk.ending == .more { continue }
                if chunk.ending == .tooShort { return .replaced }
                try checkArchive(chunk.ending, fullPath)
                if chunk.ending == .open, !isFinal {
                    isExhausted = true
                    return .nothing
                }
            }
            let position = Position(fileOrdinal: ordinal, offset: offset)
            offset = longLine!.searchedTo
            longLine = nil
            let record = RecordBatch.Record(offset: 0, length: line.head.count, position: position)
            return .batch(batch(line.head, [record]))
        }
        return .nothing
    }

    /// Throws where an archive cannot be read on: it is damaged, or ends too early and will not grow.
    private func checkArchive(_ ending: FileSourceChunk.Ending, _ fullPath: String) throws(SourceTrouble) {
        switch ending {
        case .damaged(let reason): throw .damaged("\(fullPath): \(reason); replace the file")
        case .open where isCompressed && isFinal:
            throw .damaged("\(fullPath): the archive ends in the middle; replace the file by a whole one")
        case .open, .more, .closed, .tooShort: break
        }
    }

    /// Opens the file where it is not open, and reads what stands before its first record: a byte order mark, and the
    /// names of the columns. `false` when the file is not there any more, or when its header is not yet whole.
    private func openContent(_ fullPath: String) throws(SourceTrouble) -> Bool {
        if content != nil { return true }
        guard !isDetached else { return false }
        let found = try reading { () throws(DiskFault) -> OpenFile? in
            guard let file = try OpenFile.existing(fullPath), try file.number() == identity.number else {
                return nil
            }
            return file
        }
        guard let file = found else { return false }
        let opened: any FileSourceContent = isCompressed ? GzipContent(file) : PlainContent(file)
        if offset == 0 || format == .csv {
            guard let start = try readStart(of: opened, fullPath) else { return false }
            offset = max(offset, start)
        }
        content = opened
        return true
    }

    /// Where the first record may stand; `nil` while that cannot be told.
    private func readStart(of content: any FileSourceContent, _ fullPath: String) throws(SourceTrouble) -> UInt64? {
        let chunk = try content.chunk(at: 0, count: format == .csv ? CSVHeader.limit : 3)
        let start = chunk.bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        guard format == .csv else { return UInt64(start) }
        var place = start
        while true {
            let isLast = try endsFile(chunk, of: content)
            let line = chunk.bytes.withUnsafeBufferPointer { bytes in
                place < bytes.count
                    ? FileSourceLines.line(in: bytes, from: place, format: .csv, isLast: isLast) : nil
            }
            guard let line else {
                if chunk.ending == .more {
                    throw .damaged("\(fullPath): the CSV header is longer than \(CSVHeader.limit) bytes")
                }
                try checkArchive(chunk.ending, fullPath)
                return nil
            }
            place = line.end
            guard !line.content.isEmpty else { continue }
            do throws(SourceTrouble) {
                recordFormat = .csv(header: try CSVHeader(chunk.bytes[line.content]).names)
            } catch {
                throw .damaged("\(fullPath): \(error.reason)")
            }
            return UInt64(place)
        }
    }
}
