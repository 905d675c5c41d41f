internal import SluiceCore

extension RecordBatch {
    /// The records of dead letters, at the positions at which they were first read, so that their versions are the
    /// same.
    convenience init(replaying letters: [DeadLetter], format: RecordFormat) {
        var bytes: [UInt8] = []
        var records: [Record] = []
        for letter in letters {
            records.append(Record(offset: bytes.count, length: letter.raw.count, position: letter.id.position))
            bytes.append(contentsOf: letter.raw)
        }
        self.init(
            format: format, partition: 0, bytes: bytes, records: records, end: Position(high: 0, low: 0))
    }
}
