/// Reads the lines of a listed segment, and proves that it is the file that was listed: length, CRC and rows.
struct SegmentReader {
    let segment: ListedSegment
    /// For messages: the file's path.
    let path: String
    private static let roomLength = 256 << 10
    /// A row is one record's work, and a record is far shorter.
    private static let longestLine = 256 << 20

    /// Lends each row. Those of a damaged file are lent before the damage is found.
    func forEachLine(
        of file: borrowing OpenFile, _ body: (HistoryLine) throws(CompactionError) -> Void
    ) throws(CompactionError) {
        var text = SegmentText(reader: self)
        let isCompressed = segment.path.hasSuffix(".gz")
        let decoder = GzipDecoder()
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: isCompressed ? Self.roomLength : 0, alignment: 1)
        defer { room.deallocate() }
        var (bytes, crc) = (0, UInt32(0))
        try file.forEachPiece(onFault: CompactionError.init) { (piece) throws(CompactionError) in
            bytes += piece.count
            crc = crc32(crc, adding: piece)
            guard isCompressed else { return try text.take(piece, body) }
            let damage = try decoder.decode(piece, in: room, onFault: CompactionError.init) {
                (piece) throws(CompactionError) in try text.take(piece, body)
            }
            if let damage { throw damaged("it cannot be decompressed (\(damage))") }
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
