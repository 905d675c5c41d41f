internal import SluiceSQLite

/// The program that SQLite compiled a statement to, by which those things are found that it asks no authorizer for.
struct SQLProgram {
    struct Operation {
        let address: Int64
        let name: String
        let first: Int64
        let second: Int64
        let fourth: String
    }

    let operations: [Operation]

    /// Explains a statement that compiles.
    init(_ sql: String, on connection: Connection) throws(SQLiteError) {
        let statement = try connection.prepare("EXPLAIN " + sql)
        var operations: [Operation] = []
        while try statement.step() {
            operations.append(
                Operation(
                    address: statement.integer(0), name: statement.text(1) ?? "", first: statement.integer(2),
                    second: statement.integer(3), fourth: statement.text(5) ?? ""))
        }
        self.operations = operations
    }

    func first(_ name: String) -> Operation? { operations.first { $0.name == name } }

    /// What the program does beyond one scan of the table; `nil` if nothing.
    ///
    /// - Parameter tableMark: how the opening of the table is written.
    func fault(tableMark: String) -> TransformError? {
        let opened = operations.filter { $0.name == "VOpen" }
        let scans = opened.filter { $0.fourth == tableMark }
        guard scans.count == 1, let cursor = scans.first?.first else {
            return TransformError(
                "the SQL goes through `events` more than once", remedy: "each record is read by itself")
        }
        if let foreign = operations.first(where: { Self.forbidden.contains($0.name) }) {
            return TransformError(
                "the SQL does what spans records (SQLite's operation \(foreign.name))",
                remedy: "a filter and expressions are allowed")
        }
        let loops = opened.map(\.first).compactMap { cursor in loop(of: cursor).map { (cursor: cursor, range: $0) } }
        guard let own = loops.first(where: { $0.cursor == cursor })?.range else {
            return TransformError("the SQL does not go through `events`", remedy: SQLVocabulary.expected)
        }
        if loops.contains(where: { $0.cursor != cursor && $0.range.contains(own.lowerBound) }) {
            return TransformError(
                "the SQL goes through json_each first and through `events` within",
                remedy: "put `events` first in FROM")
        }
        let aggregates = operations.filter { $0.name == "AggStep" || $0.name == "AggStep1" }
        for aggregate in aggregates
        where !loops.contains(where: { $0.cursor != cursor && $0.range.contains(aggregate.address) }) {
            return TransformError(
                "an aggregate of the record's own values spans records", remedy: "aggregate values of json_each")
        }
        return nil
    }

    /// From where a cursor's scan begins to where it goes on to the next row.
    private func loop(of cursor: Int64) -> ClosedRange<Int64>? {
        guard let begins = operations.first(where: { $0.name == "VFilter" && $0.first == cursor })?.address,
            let goesOn = operations.first(where: { $0.name == "VNext" && $0.first == cursor })?.address,
            begins <= goesOn
        else { return nil }
        return begins...goesOn
    }

    /// (A scalar subquery stops at its first row by the operations of LIMIT, and a list behind NOT IN is walked by those
    /// of a table's scan: these are not among them. The word LIMIT was refused, and no table can be opened.)
    private static let forbidden: Set<String> = [
        "OpenRead", "OpenWrite", "OpenAutoindex", "OpenPseudo", "SorterOpen", "SorterSort", "SorterInsert",
        "SorterData", "SorterNext", "Sort", "OffsetLimit", "Rowid", "Program", "VUpdate", "Savepoint", "AutoCommit",
        "ParseSchema", "CreateBtree", "Destroy", "JournalMode", "Vacuum", "AggInverse", "AggValue",
    ]
}
