internal import SluiceCore
internal import SluiceRecords

extension DeadLetter {
    /// The letter of a row that a sink refused: it holds the record that the row was made of.
    init(refused row: Row, by sink: String, detail: String, configHash: String, at time: EventTime) {
        let records = row.batch.records
        self.init(
            id: ID(
                stream: StreamID(row.schema.featureVersion, row.lane), position: row.version.position, sink: sink,
                row: row.version.index),
            reason: .sinkRefused, detail: detail, format: records.format, raw: Array(records.bytes(of: row.record)),
            configHash: configHash, refusedAt: time)
    }

    /// The letter of a record that was refused for all sinks.
    init(_ refusal: RecordRefusal, of records: RecordBatch, stream: StreamID, configHash: String, at time: EventTime) {
        self.init(
            id: ID(stream: stream, position: records.records[refusal.record].position, sink: nil, row: 0),
            reason: refusal.reason, detail: refusal.detail, format: records.format,
            raw: Array(records.bytes(of: refusal.record)), configHash: configHash, refusedAt: time)
    }
}
