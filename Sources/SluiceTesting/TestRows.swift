public import SluiceCore

/// One row as a test states it. What is not said is plain: bootstrap's or realtime's first entry, no expiry, no values.
public struct TestRow: Sendable, Hashable {
    public var entity: String
    public var eventTime: EventTime
    public var revision: UInt32
    public var lane: Lane
    /// The offset in file 0 that the row's position is made of.
    public var offset: UInt64
    public var index: UInt16
    /// Columns without a value are NULL.
    public var values: [String: Value]
    public var isDeleted: Bool
    public var expiresAt: EventTime?

    /// - Parameter time: seconds after `TestRow.epoch`.
    public init(
        _ entity: String, at time: Double, _ values: [String: Value] = [:], revision: UInt32 = 0,
        lane: Lane = .realtime, offset: UInt64 = 0, index: UInt16 = 0, isDeleted: Bool = false,
        expiresAt: EventTime? = nil
    ) {
        self.entity = entity
        self.eventTime = Self.epoch.advanced(by: .seconds(time))
        self.revision = revision
        self.lane = lane
        self.offset = offset
        self.index = index
        self.values = values
        self.isDeleted = isDeleted
        self.expiresAt = expiresAt
    }

    /// 2023-11-14T22:13:20Z, from which tests count their event times.
    public static let epoch = EventTime(microseconds: 1_700_000_000_000_000)

    public var version: WriteVersion {
        WriteVersion(
            eventTime: eventTime, revision: revision, lane: lane, position: Position(fileOrdinal: 0, offset: offset),
            index: index)
    }
}

/// Makes the rows of one feature version, all of one schema.
public struct TestRows: Sendable {
    public let schema: RowSchema

    public init(_ featureVersion: FeatureVersion, columns: [String]) {
        schema = RowSchema(featureVersion: featureVersion, columns: columns)
    }

    public var featureVersion: FeatureVersion { schema.featureVersion }

    /// One row batch, each row made of a record of its own.
    public func callAsFunction(_ rows: [TestRow]) -> [Row] {
        let records = RecordBatch(
            format: .json, partition: 0, bytes: Array("{}".utf8),
            records: rows.map { RecordBatch.Record(offset: 0, length: 2, position: $0.version.position) },
            end: rows.last?.version.position ?? Position(fileOrdinal: 0, offset: 0))
        var builder = RowBatchBuilder(schema: schema, records: records)
        for (place, row) in rows.enumerated() {
            precondition(
                row.values.keys.allSatisfy(schema.columns.contains), "a test's row has only columns of its schema")
            for column in schema.columns { builder.append(row.values[column] ?? .null) }
            builder.endRow(
                version: row.version, expiresAt: row.expiresAt, isDeleted: row.isDeleted, record: place,
                writeEntity: { $0.append(contentsOf: row.entity.utf8) })
        }
        let batch = builder.build()
        return rows.indices.map { batch[$0] }
    }

    public func callAsFunction(_ rows: TestRow...) -> [Row] { callAsFunction(rows) }
}

extension RowBatchBuilder {
    mutating func append(_ value: Value) {
        switch value {
        case .null: append(Cell.null)
        case .integer(let number): append(Cell.integer(number))
        case .real(let number): append(Cell.real(number))
        case .text(let text): Array(text.utf8).withUnsafeBufferPointer { append(Cell.text($0)) }
        }
    }
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral {
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(stringLiteral value: String) { self = .text(value) }
}
