internal import CSQLite

/// Tells the library, before its first use, to count no memory: it would do so under one lock of the whole process, for
/// which all threads that evaluate SQL would queue at every allocation. `false` where the library was in use already,
/// which costs time and nothing else.
private let keepsNoMemoryStatistics = sluice_sqlite_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK

/// An open database. It is closed when the last statement and the last reference to it are gone.
///
/// One thread at a time may use a connection and its statements; the compiler holds callers to that, since neither is
/// `Sendable`.
public final class Connection {
    let handle: OpaquePointer
    /// What SQLite calls back into lives as long as the connection.
    var retained: [AnyObject] = []

    /// Opens a database file, or one in memory under the path `:memory:`.
    public init(path: String, options: ConnectionOptions = ConnectionOptions()) throws(SQLiteError) {
        _ = keepsNoMemoryStatistics
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        switch options.access {
        case .readOnly: flags |= SQLITE_OPEN_READONLY
        case .readWrite: flags |= SQLITE_OPEN_READWRITE
        case .create: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        }
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(path, &opened, flags, nil)
        guard result == SQLITE_OK, let opened else {
            let error = SQLiteError(result, on: opened)
            // A handle that could not be opened must be closed all the same; it holds no statement, so this succeeds.
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        try check(sqlite3_busy_timeout(handle, Int32(clamping: options.busyTimeout.milliseconds)))
        // Otherwise a misspelt column in double quotes is a string without a word.
        try configure(SQLITE_DBCONFIG_DQS_DML, false)
        try configure(SQLITE_DBCONFIG_DQS_DDL, false)
        try options.apply(to: self)
    }

    deinit {
        // Statements hold the connection, so none is left and closing cannot be refused.
        sqlite3_close_v2(handle)
    }

    /// Rows that the last statement inserted, changed or deleted.
    public var changes: Int { Int(sqlite3_changes64(handle)) }

    /// The row number of the last insertion.
    public var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Whether a transaction is open.
    public var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Compiles one statement. Text behind it is an error.
    public func prepare(_ sql: String) throws(SQLiteError) -> Statement { try Statement(sql, on: self) }

    /// Runs a text of one or more statements, whose rows, if any, are dropped.
    public func execute(_ sql: String) throws(SQLiteError) { try check(sqlite3_exec(handle, sql, nil, nil, nil)) }

    /// Compiles one statement, runs it to its end with these values bound, and returns its rows.
    @discardableResult
    public func run(_ sql: String, _ values: SQLiteValue...) throws(SQLiteError) -> [[SQLiteValue]] {
        let statement = try prepare(sql)
        try statement.bind(values)
        var rows: [[SQLiteValue]] = []
        while try statement.step() { rows.append((0..<statement.columnCount).map(statement.value)) }
        return rows
    }

    /// Runs `body` in a transaction that holds the write lock from the start (`BEGIN IMMEDIATE`), so that it cannot
    /// fail half way for want of the lock. It commits at the end, and rolls back when `body` throws or the commit fails.
    public func transaction<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
        try transaction(failure: { $0 }, body)
    }

    /// The same for a body with an error of its own; `failure` says what an error of the transaction itself is there.
    public func transaction<Result, Failure: Error>(
        failure: (SQLiteError) -> Failure, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        do throws(SQLiteError) { try execute("BEGIN IMMEDIATE") } catch { throw failure(error) }
        let result: Result
        do throws(Failure) { result = try body() } catch {
            rollBack()
            throw error
        }
        do throws(SQLiteError) { try execute("COMMIT") } catch {
            rollBack()
            throw failure(error)
        }
        return result
    }

    /// Some errors (a full disk, no memory) have rolled back already, and then there is nothing to do. A rollback that
    /// fails leaves the transaction to be rolled back when the connection closes.
    private func rollBack() {
        if isInTransaction { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
    }

    func check(_ result: Int32) throws(SQLiteError) {
        guard result == SQLITE_OK else { throw SQLiteError(result, on: handle) }
    }

    func configure(_ option: Int32, _ isOn: Bool) throws(SQLiteError) {
        try check(sluice_sqlite_db_config(handle, option, isOn ? 1 : 0))
    }
}

extension Duration {
    /// Whole milliseconds, rounded down, held within 64 bits.
    fileprivate var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds < 0 ? .min : .max) : scaled + attoseconds / 1_000_000_000_000_000
    }
}
