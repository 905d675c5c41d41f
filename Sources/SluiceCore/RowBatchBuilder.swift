/// Collects the rows of one batch of records.
///
/// A row is begun, given one value per column in order, and ended; `abandonRecord` takes back every row of the record
/// under way, since one row that breaks a rule refuses its whole record.
public struct RowBatchBuilder {
    private let schema: RowSchema
    private let records: RecordBatch
    private var heads: [RowBatch.Head] = []
    private var cells: [RowBatch.Packed] = []
    private var bytes: [UInt8] = []
    private var recordMark = (heads: 0, cells: 0, bytes: 0)

    public init(schema: RowSchema, records: RecordBatch) {
        self.schema = schema
        self.records = records
        heads.reserveCapacity(records.records.count)
        cells.reserveCapacity(records.records.count * schema.columns.count)
        bytes.reserveCapacity(records.byteCount)
    }

    public var count: Int { heads.count }

    /// Marks where the rows of a record begin.
    public mutating func beginRecord() { recordMark = (heads.count, cells.count, bytes.count) }

    /// Takes back what was appended since `beginRecord`.
    public mutating func abandonRecord() {
        heads.removeSubrange(recordMark.heads...)
        cells.removeSubrange(recordMark.cells...)
        bytes.removeSubrange(recordMark.bytes...)
    }

    /// Appends the next column's value; text is copied.
    public mutating func append(_ cell: Cell) {
        switch cell {
        case .null: cells.append(.null)
        case .integer(let number): cells.append(.integer(number))
        case .real(let number): cells.append(.real(number))
        case .text(let text):
            cells.append(.text(offset: UInt32(bytes.count), length: UInt32(text.count)))
            bytes.append(contentsOf: text)
        }
    }

    /// Ends a row. Each column's value was appended before.
    ///
    /// - Parameter writeEntity: appends the entity's text (see `EntityText`).
    public mutating func endRow(
        version: WriteVersion, expiresAt: EventTime?, isDeleted: Bool, record: Int,
        writeEntity: (inout [UInt8]) -> Void
    ) {
        precondition(cells.count == (heads.count + 1) * schema.columns.count, "a row has one value per column")
        let start = bytes.count
        writeEntity(&bytes)
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0[start...])) }
        heads.append(
            RowBatch.Head(
                version: version, entityOffset: UInt32(start), entityLength: UInt32(bytes.count - start),
                entityHash: UInt64(bitPattern: Int64(hasher.finalize())), expiresAt: expiresAt, isDeleted: isDeleted,
                record: UInt32(record)))
    }

    /// The rows so far.
    public consuming func build() -> RowBatch {
        RowBatch(schema: schema, records: records, heads: heads, cells: cells, bytes: bytes)
    }
}
