/// The rows that one batch of records became. Immutable; rows point into it, so a row costs no memory of its own.
public final class RowBatch: Sendable {
    /// A value as stored: text is a place in `bytes`.
    enum Packed: Sendable {
        case null
        case integer(Int64)
        case real(Double)
        case text(offset: UInt32, length: UInt32)
    }

    struct Head: Sendable {
        let version: WriteVersion
        let entityOffset: UInt32
        let entityLength: UInt32
        let entityHash: UInt64
        let expiresAt: EventTime?
        let isDeleted: Bool
        let record: UInt32
    }

    public let schema: RowSchema
    /// The records that these rows were made of.
    public let records: RecordBatch
    let heads: [Head]
    let cells: [Packed]
    let bytes: [UInt8]

    init(schema: RowSchema, records: RecordBatch, heads: [Head], cells: [Packed], bytes: [UInt8]) {
        self.schema = schema
        self.records = records
        self.heads = heads
        self.cells = cells
        self.bytes = bytes
    }

    public var count: Int { heads.count }

    public subscript(index: Int) -> Row { Row(batch: self, index: index) }

    /// Bytes that the batch and its records hold in memory, about.
    public var byteCount: Int {
        bytes.count + cells.count * MemoryLayout<Packed>.stride + heads.count * MemoryLayout<Head>.stride
            + records.byteCount
    }
}

/// One result of the SQL: an entity's values, keyed and versioned.
public struct Row: Sendable {
    public let batch: RowBatch
    public let index: Int

    public init(batch: RowBatch, index: Int) {
        self.batch = batch
        self.index = index
    }

    public var schema: RowSchema { batch.schema }
    public var version: WriteVersion { batch.heads[index].version }
    public var lane: Lane { batch.heads[index].version.lane }
    /// Equal for equal entities of one feature version; not stable between processes.
    public var entityHash: UInt64 { batch.heads[index].entityHash }
    /// From when on readers must not see the row; `nil` = kept for ever. Lies at event time + retention.
    public var expiresAt: EventTime? { batch.heads[index].expiresAt }
    /// A tombstone: it competes on its version like any row, and leaves nothing for readers to see.
    public var isDeleted: Bool { batch.heads[index].isDeleted }
    /// Which record of `batch.records` the row was made of.
    public var record: Int { Int(batch.heads[index].record) }

    public func isExpired(at now: EventTime) -> Bool {
        guard let expiresAt else { return false }
        return expiresAt <= now
    }

    /// The entity's text, copied.
    public var entity: String { withEntity { String(decoding: $0, as: UTF8.self) } }

    /// Lends the entity's text.
    public func withEntity<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let head = batch.heads[index]
        return try batch.bytes.withUnsafeBufferPointer { (bytes) throws(Failure) in
            try body(.init(rebasing: bytes[Int(head.entityOffset)..<Int(head.entityOffset + head.entityLength)]))
        }
    }

    /// Lends the values one after another, in the order of `schema.columns`.
    public func forEachCell<Failure: Error>(_ body: (Int, Cell) throws(Failure) -> Void) throws(Failure) {
        let width = batch.schema.columns.count
        try batch.bytes.withUnsafeBufferPointer { (bytes) throws(Failure) in
            for column in 0..<width {
                let cell: Cell
                switch batch.cells[index * width + column] {
                case .null: cell = .null
                case .integer(let number): cell = .integer(number)
                case .real(let number): cell = .real(number)
                case .text(let offset, let length):
                    cell = .text(.init(rebasing: bytes[Int(offset)..<Int(offset) + Int(length)]))
                }
                try body(column, cell)
            }
        }
    }

    /// The values, copied, by column.
    public var values: [String: Value] {
        var values: [String: Value] = [:]
        forEachCell { column, cell in values[schema.columns[column]] = Value(cell) }
        return values
    }
}
