internal import SluiceCore
internal import SluiceRecords
internal import SluiceSQLite

/// Takes the results of one batch as SQLite gives them, record by record, and makes rows of them or refuses the record.
struct RowCollector {
    private let rules: RowRules
    private let batch: RecordBatch
    private let context: Context
    private var builder: RowBatchBuilder
    private(set) var refusals: [RecordRefusal] = []
    private(set) var recordsWithRows = 0

    // Of the record under way; -1 = none.
    private var record = -1
    private var isRefused = false
    private var rowCount = 0
    private var textCount = 0
    private var batchTextCount = 0
    private var kept: (version: WriteVersion, isDeleted: Bool)?
    /// The entity's columns of the row under way, lent by the statement.
    private var entity: [SQLiteCell]

    /// What the rows of a batch have in common.
    struct Context {
        let decoded: DecodedRecords
        let lane: Lane
        /// Event times after it are refused.
        let latest: EventTime
        /// Whether the records carry the versions of their rows.
        let keepsVersions: Bool
    }

    init(schema: RowSchema, rules: RowRules, batch: RecordBatch, context: Context) {
        self.rules = rules
        self.batch = batch
        self.context = context
        entity = rules.columns.entity.map { _ in .null }
        builder = RowBatchBuilder(schema: schema, records: batch)
    }

    /// Takes the row that the statement stands on.
    mutating func take(_ statement: Statement, record: Int) {
        if record != self.record { begin(record) }
        if isRefused { return }
        do throws(RowRules.Fault) { try append(statement) } catch { refuse(record, error.reason, error.detail) }
    }

    /// Refuses a record, with the rows that it has so far.
    mutating func refuse(_ record: Int, _ reason: RefusalReason, _ detail: String) {
        if record != self.record { begin(record) }
        if isRefused { return }
        builder.abandonRecord()
        isRefused = true
        batchTextCount -= textCount
        refusals.append(RecordRefusal(record: record, reason: reason, detail: detail))
    }

    consuming func finish() -> (rows: RowBatch, refusals: [RecordRefusal], recordsWithRows: Int) {
        end()
        return (builder.build(), refusals, recordsWithRows)
    }

    private mutating func begin(_ record: Int) {
        end()
        self.record = record
        isRefused = false
        rowCount = 0
        textCount = 0
        kept = nil
        builder.beginRecord()
    }

    private mutating func end() {
        if rowCount > 0, !isRefused { recordsWithRows += 1 }
    }

    private mutating func append(_ statement: Statement) throws(RowRules.Fault) {
        let columns = rules.columns
        try countRow(columns.names.count)
        var eventTime = Cell.null
        for column in columns.names.indices {
            let cell = try rules.value(statement.cell(column), column: column)
            if case .text(let text) = cell { try countText(text.count) }
            if column == columns.eventTime { eventTime = cell }
            builder.append(cell)
        }
        for (place, column) in columns.entity.enumerated() {
            entity[place] = statement.cell(column)
            try rules.checkEntity(entity[place], column: column)
        }
        let version: WriteVersion
        var isDeleted = try isDeleted(statement)
        if context.keepsVersions {
            let carried = if let kept { kept } else { try rules.kept(in: context.decoded, record: record) }
            kept = carried
            version = try self.version(keeping: carried.version)
            isDeleted = isDeleted || carried.isDeleted
        } else {
            version = WriteVersion(
                eventTime: try rules.eventTime(eventTime, latest: context.latest),
                revision: try revision(statement), lane: context.lane,
                position: batch.records[record].position, index: UInt16(rowCount))
        }
        builder.endRow(
            version: version, expiresAt: rules.expiry(of: version.eventTime), isDeleted: isDeleted, record: record
        ) { [entity] target in
            for place in entity.indices {
                switch entity[place] {
                case .integer(let number): EntityText.append(number, isFirst: place == 0, to: &target)
                case .text(let text): EntityText.append(text, isFirst: place == 0, to: &target)
                case .null, .real, .blob: preconditionFailure("an entity is checked before it is written")
                }
            }
        }
        rowCount += 1
    }

    private func isDeleted(_ statement: Statement) throws(RowRules.Fault) -> Bool {
        guard let key = rules.columns.deleteWhen else { return false }
        return try rules.isDeleted(value(of: key, statement), name: key.name)
    }

    private func revision(_ statement: Statement) throws(RowRules.Fault) -> UInt32 {
        guard let key = rules.columns.revision else { return 0 }
        return try rules.revision(value(of: key, statement), name: key.name)
    }

    /// The value of what a key names, for the row that the statement stands on.
    private func value(of key: ResultColumns.Named, _ statement: Statement) throws(RowRules.Fault) -> Cell {
        switch key.origin {
        case .column(let column): try rules.value(statement.cell(column), column: column)
        case .member(let column): context.decoded.cell(record: record, column: column)
        }
    }

    /// The version that a row had, in the lane of bootstraps; further rows of its record follow it.
    private func version(keeping kept: WriteVersion) throws(RowRules.Fault) -> WriteVersion {
        try rules.checkFuture(kept.eventTime, latest: context.latest)
        guard let index = UInt16(exactly: Int(kept.index) + rowCount) else { throw tooMany("\(RowRules.rows) rows") }
        return WriteVersion(
            eventTime: kept.eventTime, revision: kept.revision, lane: .bootstrap, position: kept.position, index: index)
    }

    private func countRow(_ width: Int) throws(RowRules.Fault) {
        guard rowCount < RowRules.rows else { throw tooMany("\(RowRules.rows) rows") }
        guard (rowCount + 1) * width <= RowRules.values else { throw tooMany("\(RowRules.values) values") }
    }

    private mutating func countText(_ count: Int) throws(RowRules.Fault) {
        textCount += count
        batchTextCount += count
        guard textCount <= RowRules.text else { throw tooMany("\(RowRules.text) bytes of text") }
        guard batchTextCount <= RowRules.batchText else { throw tooMany("what its batch has room for") }
    }

    private func tooMany(_ limit: String) -> RowRules.Fault {
        RowRules.Fault(reason: .tooLarge, detail: "its rows are more than \(limit)")
    }
}
