public import SluiceCore

extension RecordBatch {
    /// Lines as they stand one behind another in a file, from an offset on: the position of each is where it would
    /// stand there.
    public convenience init(
        lines: [[UInt8]], format: RecordFormat = .json, ordinal: UInt32 = 0, from start: UInt64 = 0
    ) {
        var bytes: [UInt8] = []
        var records: [Record] = []
        for line in lines {
            let position = Position(fileOrdinal: ordinal, offset: start + UInt64(bytes.count))
            records.append(Record(offset: bytes.count, length: line.count, position: position))
            bytes += line + [UInt8(ascii: "\n")]
        }
        let end = Position(fileOrdinal: ordinal, offset: start + UInt64(bytes.count))
        self.init(format: format, partition: ordinal, bytes: bytes, records: records, end: end)
    }
}
