import Foundation
import SluiceSQLite
import Testing

@Suite struct ConnectionTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-sqlite-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    /// Opens the test's own database; the folder goes when `body` is done.
    private func withDatabase(_ body: (String) throws -> Void) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.appending(path: "test.db").path)
    }

    @Test(arguments: [
        SQLiteValue.null, .integer(.min), .integer(.max), .integer(0), .real(-0.5), .real(.infinity), .text(""),
        .text("é😀"),
        .text("a\0b"), .blob([]), .blob([0, 255]),
    ])
    func `a value comes back as it was bound`(value: SQLiteValue) throws {
        let statement = try Connection(path: ":memory:").prepare("SELECT ?")
        try statement.bind(value, at: 1)
        #expect(try statement.step())
        #expect(statement.value(0) == value)
        #expect(statement.isNull(0) == (value == .null))
        #expect(try !statement.step())
    }

    @Test func `columns are read by type`() throws {
        let statement = try Connection(path: ":memory:").prepare("SELECT 7 AS n, 1.5, 'text', x'0102', NULL")
        #expect(try statement.step())
        #expect(statement.columnName(0) == "n")
        #expect(statement.integer(0) == 7)
        #expect(statement.real(1) == 1.5)
        #expect(statement.text(2) == "text")
        #expect(statement.text(0) == "7")
        #expect(statement.blob(3) == [1, 2])
        #expect(statement.text(4) == nil)
        #expect(statement.blob(4) == nil)
    }

    @Test func `a statement runs again after a reset`() throws {
        let connection = try Connection(path: ":memory:")
        try connection.execute("CREATE TABLE t(a PRIMARY KEY, b)")
        let insert = try connection.prepare("INSERT INTO t VALUES (?, ?)")
        for number in 0..<10 { try insert.run(.integer(Int64(number)), "x") }
        #expect(connection.changes == 1)
        #expect(connection.lastInsertedRow == 10)
        #expect(throws: SQLiteError(code: .constraint, message: "UNIQUE constraint failed: t.a")) {
            try insert.run(3, nil)
        }
        try insert.run(10, nil)
        #expect(try connection.run("SELECT count(*), sum(a) FROM t WHERE a > ?", 7) == [[.integer(3), .integer(27)]])
    }

    @Test(arguments: [
        ("SELECT nosuch", SQLiteError(code: .sql, message: "no such column: nosuch", sqlOffset: 7)),
        ("SELECT \"nosuch\"", SQLiteError(code: .sql, message: "no such column: nosuch", sqlOffset: 7)),
        ("SELECT 1; SELECT 2", SQLiteError(code: .sql, message: "a second statement follows the first", sqlOffset: 9)),
        ("", SQLiteError(code: .sql, message: "there is no statement in the text")),
        (" -- nothing", SQLiteError(code: .sql, message: "there is no statement in the text")),
    ])
    func `SQL that is not one statement is refused`(sql: String, error: SQLiteError) throws {
        let connection = try Connection(path: ":memory:")
        #expect(throws: error) { try connection.prepare(sql) }
    }

    @Test func `a transaction commits at its end and rolls back when its body throws`() throws {
        struct Stop: Error, Equatable {}
        try withDatabase { path in
            let connection = try Connection(path: path)
            try connection.execute("CREATE TABLE t(a)")
            let count = try connection.transaction { () throws(SQLiteError) in
                try connection.execute("INSERT INTO t VALUES (1), (2)")
                return connection.changes
            }
            #expect(count == 2)
            #expect(throws: Stop.self) {
                try connection.transaction(failure: { _ in Stop() }) { () throws(Stop) in
                    _ = try? connection.run("DELETE FROM t")
                    throw Stop()
                }
            }
            #expect(!connection.isInTransaction)
            #expect(try Connection(path: path).run("SELECT count(*) FROM t") == [[.integer(2)]])
        }
    }

    @Test func `a second writer is told that the database is busy once its time is up`() throws {
        try withDatabase { path in
            let options = ConnectionOptions(writeAheadLog: true, synchronous: .normal, busyTimeout: .milliseconds(20))
            let one = try Connection(path: path, options: options)
            let other = try Connection(path: path, options: options)
            try one.execute("CREATE TABLE t(a)")
            try one.transaction { () throws(SQLiteError) in
                try one.execute("INSERT INTO t VALUES (1)")
                var code: SQLiteError.Code?
                do throws(SQLiteError) { try other.transaction { () throws(SQLiteError) in } } catch {
                    code = error.code
                }
                #expect(code == .busy)
                // With a write-ahead log a reader does not wait, and sees what was committed.
                #expect(try other.run("SELECT count(*) FROM t") == [[.integer(0)]])
            }
            try other.transaction { () throws(SQLiteError) in try other.execute("INSERT INTO t VALUES (2)") }
        }
    }

    @Test func `what is opened is what was asked for`() throws {
        try withDatabase { path in
            func code(_ access: ConnectionOptions.Access, _ path: String) -> SQLiteError.Code? {
                do throws(SQLiteError) {
                    let connection = try Connection(path: path, options: ConnectionOptions(access: access))
                    try connection.execute("CREATE TABLE IF NOT EXISTS t(a)")
                    return nil
                } catch {
                    return error.code
                }
            }
            #expect(code(.readWrite, path) == .cannotOpen)
            #expect(code(.create, folder.appending(path: "none/test.db").path) == .cannotOpen)
            #expect(code(.create, path) == nil)
            #expect(code(.readWrite, path) == nil)
            #expect(code(.readOnly, path) == nil)
            try Data(repeating: 65, count: 8192).write(to: folder.appending(path: "text.db"))
            #expect(code(.create, folder.appending(path: "text.db").path) == .corrupt)
            let reader = try Connection(path: path, options: ConnectionOptions(access: .readOnly))
            #expect(throws: SQLiteError(code: .readOnly, message: "attempt to write a readonly database")) {
                try reader.execute("CREATE TABLE u(a)")
            }
            let mode = try Connection(path: path, options: ConnectionOptions(writeAheadLog: true)).run(
                "PRAGMA journal_mode")
            #expect(mode == [["wal"]])
        }
    }
}
