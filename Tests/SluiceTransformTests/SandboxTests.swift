import SluiceSQLite
import Testing

@testable import SluiceTransform

/// The gates behind the words: SQL that somehow got past them still does nothing.
@Suite struct SandboxTests {
    @Test(arguments: [
        "SELECT random()", "SELECT load_extension('x')", "SELECT * FROM sqlite_schema", "SELECT rowid FROM events",
        "SELECT _rowid_ FROM events", "PRAGMA journal_mode", "PRAGMA user_version = 1", "ATTACH ':memory:' AS x",
        "CREATE TABLE x(a)", "CREATE TEMP TABLE x(a)", "CREATE VIEW v AS SELECT 1", "INSERT INTO events VALUES (1, 2)",
        "DELETE FROM events", "UPDATE events SET a = 1", "DROP TABLE events", "BEGIN", "VACUUM", "VACUUM INTO '/tmp/x'",
        "REINDEX", "ANALYZE", "SELECT * FROM pragma_database_list", "SELECT sqlite_version()", "SELECT fts5(1)",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c", "SELECT zeroblob(1)",
        "SELECT CURRENT_TIMESTAMP", "SELECT a MATCH 'x' FROM events", "SELECT ?", "SELECT writefile('x', 'y')",
        "SELECT \"unknown\" FROM events", "SELECT row_number() OVER () FROM events", "SAVEPOINT x",
    ])
    func `the authorizer and the compiler let nothing else pass`(sql: String) throws {
        let sandbox = try Sandbox(members: ["a", "b"], functionsUsed: [])
        #expect(throws: SQLiteError.self) {
            let program = try SQLProgram(sql, on: sandbox.connection)
            // VACUUM and REINDEX ask for no rights before they run.
            if let fault = program.fault(tableMark: sandbox.tableMark) {
                throw SQLiteError(code: .sql, message: fault.message)
            }
        }
    }

    @Test(arguments: [
        "SELECT a FROM events ORDER BY b", "SELECT DISTINCT a FROM events UNION SELECT b FROM events",
        "SELECT a FROM events GROUP BY a", "SELECT count(*) FROM events", "SELECT max(a) FROM events", "SELECT 1",
        "SELECT x.a FROM events x, events y", "SELECT a FROM events WHERE a IN (SELECT b FROM events)",
        "SELECT a FROM events UNION ALL SELECT b FROM events", "SELECT a FROM events LIMIT 5 OFFSET 2",
        "SELECT (SELECT count(*) FROM events) FROM events", "SELECT value FROM json_each('[1,2]') CROSS JOIN events",
        "SELECT (SELECT sum(e.a) FROM json_each(e.b)) FROM events e", "SELECT value FROM json_each('[1]')",
        "SELECT (SELECT value FROM json_each(b) ORDER BY 1) FROM events", "SELECT a FROM events NATURAL JOIN events x",
    ])
    func `the compiled program shows what spans records`(sql: String) throws {
        let sandbox = try Sandbox(members: ["a", "b"], functionsUsed: ["json_each"])
        let program = try SQLProgram(sql, on: sandbox.connection)
        #expect(program.fault(tableMark: sandbox.tableMark) != nil)
    }

    @Test func `a second scan of the table within one run fails`() throws {
        let sandbox = try Sandbox(members: ["a"], functionsUsed: [])
        let statement = try sandbox.connection.prepare("SELECT x.a FROM events x, events y")
        let content = Numbers()
        sandbox.table.content = content
        sandbox.table.firstRow = 0
        #expect(throws: SQLiteError(code: .sql, message: "the table is scanned twice")) {
            while try statement.step() {}
        }
    }

    private final class Numbers: TableContent {
        let rowCount = 3
        func cell(row: Int, column: Int) -> SQLiteCell? { .integer(Int64(row)) }
    }
}
