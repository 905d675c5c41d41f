import SluiceCore
import SluiceRecords
import SluiceTesting

/// Records that stand one behind another, as a source hands them over.
func batch(_ records: [[UInt8]], format: RecordFormat = .json) -> RecordBatch {
    RecordBatch(lines: records, format: format)
}

/// What became of each record of a batch.
enum Reading: Equatable {
    case data([Value])
    case control(ControlRecord)
    case refused(RefusalReason, String)
}

extension RecordDecoder {
    func readings(_ records: [[UInt8]], format: RecordFormat = .json) -> [Reading] {
        decode(batch(records, format: format)) { decoded in
            var readings: [Int: Reading] = [:]
            for record in decoded.data {
                let values = columns.indices.map { Value(decoded.cell(record: record, column: $0)) }
                readings[record] = .data(values)
            }
            for refusal in decoded.refusals { readings[refusal.record] = .refused(refusal.reason, refusal.detail) }
            for (record, control) in decoded.controls { readings[record] = .control(control) }
            return records.indices.map { readings[$0]! }
        }
    }

    func readings(_ records: [String], format: RecordFormat = .json) -> [Reading] {
        readings(records.map { Array($0.utf8) }, format: format)
    }

    /// What becomes of one record.
    func reading(_ record: String, format: RecordFormat = .json) -> Reading { readings([record], format: format)[0] }
}
