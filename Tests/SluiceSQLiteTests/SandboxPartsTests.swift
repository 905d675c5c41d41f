import SluiceSQLite
import Testing

/// Tables, guards, limits and watchers: what foreign SQL runs on.
@Suite struct SandboxPartsTests {
    private final class Words: TableContent {
        let words: [[UInt8]]
        init(_ words: [String]) { self.words = words.map { Array($0.utf8) } }
        var rowCount: Int { words.count }
        func cell(row: Int, column: Int) -> SQLiteCell? {
            if column == 0 { return .integer(Int64(row)) }
            if words[row].isEmpty { return nil }
            // The arrays live as long as the content.
            return words[row].withUnsafeBufferPointer { .text($0) }
        }
    }

    @Test func `a table's rows come in order, from the first that is wanted`() throws {
        let connection = try Connection(path: ":memory:")
        let table = try connection.addTable(named: "words", columns: ["n", "a \"word\""])
        let statement = try connection.prepare(#"SELECT n, "a ""word""" FROM words WHERE n <> 2"#)
        let content = Words(["zero", "one", "two", "three"])
        table.content = content
        for first in 0...4 {
            table.firstRow = first
            var rows: [Int64] = []
            while try statement.step() {
                rows.append(statement.integer(0))
                #expect(statement.text(1) == ["zero", "one", "two", "three"][table.currentRow!])
            }
            statement.reset()
            #expect(rows == [0, 1, 2, 3].filter { $0 >= first && $0 != 2 })
            #expect(table.currentRow == nil)
        }
    }

    @Test func `a cell that is withheld ends the statement, and names its row`() throws {
        let connection = try Connection(path: ":memory:")
        let table = try connection.addTable(named: "words", columns: ["n", "word"])
        let statement = try connection.prepare("SELECT word FROM words")
        let content = Words(["zero", "", "two"])
        table.content = content
        table.firstRow = 0
        #expect(try statement.step())
        var code: SQLiteError.Code?
        do throws(SQLiteError) { _ = try statement.step() } catch { code = error.code }
        #expect(code == .interrupted)
        #expect(table.currentRow == 1)
        statement.reset()
        table.firstRow = 2
        #expect(try statement.step())
        #expect(statement.text(0) == "two")
    }

    @Test func `a guarded function does what it always did, unless there is an objection`() throws {
        let connection = try Connection(path: ":memory:")
        try connection.guardFunction("upper") { $0.text(0).count > 3 ? "too long" : nil }
        #expect(try connection.run("SELECT upper('abc'), upper(12), upper(NULL)") == [["ABC", "12", .null]])
        #expect(throws: SQLiteError(code: .sql, message: "too long")) { try connection.run("SELECT upper('abcd')") }
    }

    @Test func `a watcher ends a statement that goes on for ever`() throws {
        let connection = try Connection(path: ":memory:")
        var looks = 0
        connection.watch(every: 1000) {
            looks += 1
            return looks < 10
        }
        #expect(throws: SQLiteError(code: .interrupted, message: "interrupted")) {
            try connection.run("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c")
        }
        #expect(looks == 10)
    }

    @Test func `limits and the authorizer hold`() throws {
        let connection = try Connection(path: ":memory:")
        connection.limit(.valueLength, to: 100)
        let long = String(repeating: "x", count: 60)
        var code: SQLiteError.Code?
        do throws(SQLiteError) {
            try connection.run("SELECT ? || ?", .text(long), .text(long))
        } catch {
            code = error.code
        }
        #expect(code == .tooBig)
        var asked: [String] = []
        try connection.authorize { action in
            if case .function(let name) = action { asked.append(name) }
            if case .other = action { return false }
            return true
        }
        try connection.run("SELECT upper('x')")
        #expect(asked == ["upper"])
        #expect(throws: SQLiteError(code: .notAuthorized, message: "not authorized")) {
            try connection.prepare("CREATE TABLE t(a)")
        }
        #expect(Connection.isKeyword("Select"))
        #expect(!Connection.isKeyword("rider"))
    }
}
