/// Reads the lines of a listed segment, and proves that it is the file that was listed: length, CRC and rows.
struct SegmentReader {
    let segment: ListedSegment
    /// For messages: the file's path.
    let path: String
    private static let chunkLength = 256 << 10
    /// A row is one record's work, and a record is far shorter.
    private static let longestLine = 256 << 20

    /// Lends each row. Those of a damaged file are lent before the damage is found.
    func forEachLine(
        of file: borrowing OpenFile, _ body: (HistoryLine) throws(CompactionError) -> Void
    ) throws(CompactionError) {
        var text = SegmentText(reader: self)
        let decoder = segment.path.hasSuffix(".gz") ? GzipDecoder() : nil
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkLength, alignment: 1)
        defer { chunk.deallocate() }
        var (bytes, crc) = (0, UInt32(0))
        while true {
            let count = try compacting { () throws(DiskFault) in try file.read(into: chunk) }
            if count == 0 { break }
            let piece = UnsafeRawBufferPointer(rebasing: chunk[..<count])
            bytes += count
            crc = crc32(crc, adding: piece)
            guard let decoder else {
                try text.take(piece, body)
                continue
            }
            let isGzip = try decoder.inflate(piece) { (piece) throws(CompactionError) in try text.take(piece, body) }
            guard isGzip else { throw damaged("it is no gzip file") }
        }
        guard bytes == segment.bytes else { throw damaged("it has \(bytes) bytes, not \(segment.bytes)") }
        guard crc == segment.crc else { throw damaged("its CRC is not the listed one") }
        guard text.rows == segment.rows, !text.lines.isWithinLine else {
            throw damaged("it has \(text.rows) rows, not \(segment.rows)")
        }
    }

    private struct SegmentText: ~Copyable {
        let reader: SegmentReader
        var lines = LineSplitter()
        var rows = 0

        mutating func take(
            _ piece: UnsafeRawBufferPointer, _ body: (HistoryLine) throws(CompactionError) -> Void
        ) throws(CompactionError) {
            var rows = rows
            try lines.take(piece) { (text) throws(CompactionError) in
                rows += 1
                guard let line = HistoryLine(text) else { throw reader.damaged("its line \(rows) is no row") }
                try body(line)
            }
            self.rows = rows
            guard lines.bytesTorn <= SegmentReader.longestLine else { throw reader.damaged("a line has no end") }
        }
    }

    private func damaged(_ finding: String) -> CompactionError {
        .damaged("\(path) is not the file that its manifest lists: \(finding); restore it from a copy")
    }
}
