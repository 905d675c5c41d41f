public import SluiceCore
internal import SluiceRecords
internal import SluiceSQLite

/// A feature version's SQL, checked and compiled: records go in, rows come out.
///
/// One thread at a time may use it. It takes about as much memory as a small database in memory, and opens in well
/// under a millisecond.
public final class CompiledTransform {
    /// The columns of the rows; one object for all batches.
    public let schema: RowSchema
    /// The members of the record that rows are made of, sorted: those that the SQL reads, and those that `revision` and
    /// `delete_when` name.
    public let columnsRead: [String]

    private let sandbox: Sandbox
    private let statement: Statement
    private let rules: RowRules
    private let decoder: RecordDecoder
    /// By column of `events`: the decoder's column, if the SQL reads it.
    private let decoderColumns: [Int]

    /// Checks and compiles; throws all faults that can be found.
    public init(_ definition: FeatureDefinition) throws(TransformErrors) {
        let shape = try SQLShape(definition.sql)
        let sql = String(decoding: definition.sql.utf8.prefix(shape.end), as: UTF8.self)
        let sandbox: Sandbox
        do throws(SQLiteError) {
            sandbox = try Sandbox(members: shape.members, functionsUsed: shape.functions)
        } catch {
            throw TransformErrors([
                TransformError(
                    "SQLite cannot be set up: \(error.message)",
                    remedy: "expected is memory for one more small database, and SQLite with its JSON functions")
            ])
        }
        statement = try Self.compile(sql, in: sandbox)
        let names = (0..<statement.columnCount).map(statement.columnName)
        var wanted = WantedMembers(readBySQL: shape.members.filter(sandbox.columnsRead.contains))
        let columns = try ResultColumns(
            names: names, offsets: shape.resultOffsets, definition: definition, wanted: &wanted)
        self.sandbox = sandbox
        schema = RowSchema(featureVersion: definition.featureVersion, columns: names)
        columnsRead = wanted.names.sorted()
        rules = RowRules(definition: definition, columns: columns, wanted: &wanted)
        decoder = RecordDecoder(columns: wanted.names)
        decoderColumns = shape.members.map { [wanted] in wanted.names.firstIndex(of: $0) ?? 0 }
    }

    /// Makes rows of a batch. A record that breaks a rule is refused by itself: the others' rows are as if it were not
    /// there.
    ///
    /// - Parameters:
    ///   - lane: by which of its feature version's streams the batch came.
    ///   - now: the wall clock, against times from the future only.
    ///   - keepsVersions: the records are of a compacted view: each carries in `_v` the version that its row has
    ///     already, of which the lane becomes bootstrap, and in `_deleted` whether it is a tombstone.
    public func apply(
        _ records: RecordBatch, lane: Lane, now: EventTime, maxFutureSkew: Duration, keepsVersions: Bool = false
    ) throws(TransformFailure) -> TransformedBatch {
        try decoder.decode(records) { (decoded) throws(TransformFailure) in
            let context = RowCollector.Context(
                decoded: decoded, lane: lane, latest: now.advanced(by: maxFutureSkew), keepsVersions: keepsVersions)
            var collector = RowCollector(schema: schema, rules: rules, batch: records, context: context)
            try run(over: decoded, into: &collector)
            let result = collector.finish()
            return TransformedBatch(
                rows: result.rows,
                refusals: (decoded.refusals + result.refusals).sorted { $0.record < $1.record },
                filtered: decoded.data.count - result.recordsWithRows - result.refusals.count,
                controls: decoded.controls)
        }
    }

    private func run(over decoded: DecodedRecords, into collector: inout RowCollector) throws(TransformFailure) {
        sandbox.table.content = RecordContent(records: decoded, columns: decoderColumns, budget: sandbox.budget)
        defer { sandbox.table.content = nil }
        var next = 0
        while next < decoded.data.count {
            sandbox.table.firstRow = next
            defer { statement.reset() }
            do throws(SQLiteError) {
                while try statement.step() {
                    let record = decoded.data[sandbox.table.currentRow!]
                    sandbox.budget.excluding { collector.take(statement, record: record) }
                }
                return
            } catch {
                if error.code == .outOfMemory { throw .outOfMemory }
                // The record under the scan failed; the next run begins behind it.
                let failed = sandbox.table.currentRow ?? next
                let (reason, detail) = Self.refusal(for: error)
                collector.refuse(decoded.data[failed], reason, detail)
                next = failed + 1
            }
        }
    }

    private static func refusal(for error: SQLiteError) -> (RefusalReason, String) {
        switch error.code {
        case .interrupted:
            (
                .sqlFailed,
                "the SQL takes too long on it: more than \(StepBudget.steps) steps, "
                    + "\(StepBudget.bytes) bytes read, or \(StepBudget.processorTime) of processor time"
            )
        case .tooBig: (.sqlFailed, "a value that the SQL makes of it has more than \(RecordLimits.bytes) bytes")
        default: (.sqlFailed, "the SQL fails on it: \(error.message)")
        }
    }

    /// Compiles, and lets the program be judged.
    private static func compile(_ sql: String, in sandbox: Sandbox) throws(TransformErrors) -> Statement {
        let statement: Statement
        let program: SQLProgram
        do throws(SQLiteError) {
            statement = try sandbox.connection.prepare(sql)
            program = try SQLProgram(sql, on: sandbox.connection)
        } catch {
            if let refusal = sandbox.refusal {
                throw TransformErrors([
                    TransformError(
                        "the SQL uses \(refusal), which is not available", remedy: SQLVocabulary.available,
                        sqlOffset: error.sqlOffset)
                ])
            }
            throw TransformErrors([
                TransformError(
                    "SQLite: \(error.message)", remedy: "expected is SQL as SQLite reads it",
                    sqlOffset: error.sqlOffset)
            ])
        }
        if let fault = program.fault(tableMark: sandbox.tableMark) {
            throw TransformErrors([fault])
        }
        return statement
    }
}
