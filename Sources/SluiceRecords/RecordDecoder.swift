internal import CSimdjson
public import SluiceCore

/// Reads the wanted columns of records, batch after batch, in memory that it reuses.
///
/// One thread at a time may use a decoder.
public final class RecordDecoder {
    public let columns: [String]
    private let json: JSONDecoding
    private lazy var control = JSONDecoding(names: ControlRecord.members, marking: nil)
    private var csv: CSVDecoding?
    private var cells: UnsafeMutableBufferPointer<sluice_json_cell>

    /// - Parameter columns: the top-level members or fields that are wanted, each once.
    public init(columns: [String]) {
        precondition(Set(columns).count == columns.count, "a column is wanted once")
        self.columns = columns
        json = JSONDecoding(names: columns, marking: ControlRecord.members[0])
        cells = .allocate(capacity: 0)
    }

    deinit { cells.deallocate() }

    /// Decodes a batch and lends its columns to `body`. Each record is data, control or refused; none of them affects
    /// another.
    public func decode<Result, Failure: Error>(
        _ batch: RecordBatch, _ body: (DecodedRecords) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        makeRoom(for: batch.records.count * columns.count)
        return try batch.withUnsafeBytes { (bytes) throws(Failure) in
            var outcome = BatchOutcome(capacity: batch.records.count)
            switch batch.format {
            case .json: decodeJSON(batch.records, bytes, into: &outcome)
            case .csv(let header): decodeCSV(batch.records, header: header, bytes, into: &outcome)
            }
            return try body(
                DecodedRecords(
                    data: outcome.data, refusals: outcome.refusals, controls: outcome.controls,
                    cells: UnsafePointer(cells.baseAddress!), width: columns.count))
        }
    }

    /// Never less than one, so that there is an address.
    private func makeRoom(for count: Int) {
        guard cells.count < max(count, 1) else { return }
        cells.deallocate()
        cells = .allocate(capacity: max(count, 1))
        cells.initialize(repeating: .null)
    }

    private func decodeJSON(
        _ records: [RecordBatch.Record], _ bytes: UnsafeBufferPointer<UInt8>, into outcome: inout BatchOutcome
    ) {
        json.begin(bytes: bytes.count)
        for (index, record) in records.enumerated() {
            guard outcome.admit(index, record) else { continue }
            let text = UnsafeBufferPointer(rebasing: bytes[record.offset..<record.offset + record.length])
            switch json.decode(text, into: cells.baseAddress! + index * columns.count) {
            case .record: outcome.data.append(index)
            case .marked: decodeControl(index, text, into: &outcome)
            case .refused(let reason, let detail): outcome.refuse(index, reason, detail)
            }
        }
    }

    private func decodeControl(
        _ index: Int, _ text: UnsafeBufferPointer<UInt8>, into outcome: inout BatchOutcome
    ) {
        control.begin(bytes: text.count)
        let count = ControlRecord.members.count
        withUnsafeTemporaryAllocation(of: sluice_json_cell.self, capacity: count) { members in
            members.initialize(repeating: .null)
            if case .refused(let reason, let detail) = control.decode(text, into: members.baseAddress!) {
                outcome.refuse(index, reason, detail)
                return
            }
            do throws(MalformedControl) {
                outcome.controls.append((index, try ControlRecord(cells: members.map { Cell($0) })))
            } catch {
                outcome.refuse(index, .unreadable, error.detail)
            }
        }
    }

    private func decodeCSV(
        _ records: [RecordBatch.Record], header: [String], _ bytes: UnsafeBufferPointer<UInt8>,
        into outcome: inout BatchOutcome
    ) {
        if csv?.header != header { csv = CSVDecoding(header: header, columns: columns) }
        csv!.begin(bytes: bytes.count)
        for (index, record) in records.enumerated() {
            guard outcome.admit(index, record) else { continue }
            let line = UnsafeBufferPointer(rebasing: bytes[record.offset..<record.offset + record.length])
            do throws(MalformedCSV) {
                try csv!.decode(line, into: cells.baseAddress! + index * columns.count)
                outcome.data.append(index)
            } catch {
                outcome.refuse(index, .unreadable, error.detail)
            }
        }
    }
}

/// What became of the records of a batch so far.
private struct BatchOutcome {
    var data: [Int] = []
    var refusals: [RecordRefusal] = []
    var controls: [(record: Int, control: ControlRecord)] = []

    init(capacity: Int) { data.reserveCapacity(capacity) }

    mutating func refuse(_ index: Int, _ reason: RefusalReason, _ detail: String) {
        refusals.append(RecordRefusal(record: index, reason: reason, detail: detail))
    }

    /// Refuses what is too long to be looked at.
    mutating func admit(_ index: Int, _ record: RecordBatch.Record) -> Bool {
        if record.length <= RecordLimits.bytes { return true }
        refuse(index, .tooLarge, "it has \(record.length) bytes; a record has at most \(RecordLimits.bytes)")
        return false
    }
}
