internal import CSQLite

/// A compiled statement, to be run any number of times: bind, step to the end, reset.
///
/// Parameters count from 1, columns from 0, as in SQLite. It belongs to its connection's thread.
public final class Statement {
    let handle: OpaquePointer
    public let connection: Connection
    public let columnCount: Int

    init(_ sql: String, on connection: Connection) throws(SQLiteError) {
        self.connection = connection
        var prepared: OpaquePointer?
        var result = SQLITE_OK
        var rest: Int?
        var sql = sql
        sql.withUTF8 { text in
            text.withMemoryRebound(to: CChar.self) { text in
                var tail: UnsafePointer<CChar>?
                result = sqlite3_prepare_v3(
                    connection.handle, text.baseAddress, Int32(text.count), UInt32(SQLITE_PREPARE_PERSISTENT),
                    &prepared, &tail)
                if let tail, let start = text.baseAddress {
                    let end = start.distance(to: tail)
                    let isBlank = text[end...].allSatisfy { isBlankOrEnd(UInt8(bitPattern: $0)) }
                    rest = isBlank ? nil : end
                }
            }
        }
        guard result == SQLITE_OK else { throw SQLiteError(result, on: connection.handle) }
        guard let prepared else { throw SQLiteError(code: .sql, message: "there is no statement in the text") }
        if let rest {
            sqlite3_finalize(prepared)
            throw SQLiteError(code: .sql, message: "a second statement follows the first", sqlOffset: rest)
        }
        handle = prepared
        columnCount = Int(sqlite3_column_count(prepared))
    }

    deinit {
        // It repeats the error of the last step, which was reported there.
        sqlite3_finalize(handle)
    }

    // MARK: Binding

    public var parameterCount: Int { Int(sqlite3_bind_parameter_count(handle)) }

    /// Binds all parameters in order.
    public func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
        precondition(values.count == parameterCount, "a statement is given one value per parameter")
        for (place, value) in values.enumerated() { try bind(value, at: place + 1) }
    }

    public func bind(_ value: SQLiteValue, at parameter: Int) throws(SQLiteError) {
        switch value {
        case .null: try bindNull(at: parameter)
        case .integer(let number): try bind(number, at: parameter)
        case .real(let number): try bind(number, at: parameter)
        case .text(let text): try bind(text, at: parameter)
        case .blob(let bytes): try bind(bytes, at: parameter)
        }
    }

    public func bindNull(at parameter: Int) throws(SQLiteError) {
        try connection.check(sqlite3_bind_null(handle, Int32(parameter)))
    }

    public func bind(_ number: Int64, at parameter: Int) throws(SQLiteError) {
        try connection.check(sqlite3_bind_int64(handle, Int32(parameter), number))
    }

    public func bind(_ number: Double, at parameter: Int) throws(SQLiteError) {
        try connection.check(sqlite3_bind_double(handle, Int32(parameter), number))
    }

    public func bind(_ text: String, at parameter: Int) throws(SQLiteError) {
        var text = text
        let result = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                // An empty string may have no address, which SQLite would take for NULL.
                guard let start = bytes.baseAddress else {
                    return sqlite3_bind_text(handle, Int32(parameter), "", 0, sluice_sqlite_transient())
                }
                return sqlite3_bind_text64(
                    handle, Int32(parameter), start, UInt64(bytes.count), sluice_sqlite_transient(), UInt8(SQLITE_UTF8))
            }
        }
        try connection.check(result)
    }

    public func bind(_ bytes: [UInt8], at parameter: Int) throws(SQLiteError) {
        let result = bytes.withUnsafeBytes { bytes in
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, Int32(parameter), 0) }
            return sqlite3_bind_blob64(
                handle, Int32(parameter), bytes.baseAddress, UInt64(bytes.count), sluice_sqlite_transient())
        }
        try connection.check(result)
    }

    // MARK: Running

    /// Goes to the next row; `false` at the end. After the end, and after an error, it must be reset.
    public func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let result: throw SQLiteError(result, on: connection.handle)
        }
    }

    /// Runs to the end with these values bound, and makes ready for the next time; for statements without rows.
    public func run(_ values: SQLiteValue...) throws(SQLiteError) {
        defer { reset() }
        try bind(values)
        while try step() {}
    }

    /// Makes ready to run again; bound values stay.
    public func reset() {
        // It repeats the error of the last step, which was reported there.
        sqlite3_reset(handle)
    }

    // MARK: The row under the cursor

    public func columnName(_ column: Int) -> String {
        sqlite3_column_name(handle, Int32(column)).map { String(cString: $0) } ?? ""
    }

    public func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }
    public func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }
    public func real(_ column: Int) -> Double { sqlite3_column_double(handle, Int32(column)) }

    /// The text of a column, `nil` where it is NULL.
    public func text(_ column: Int) -> String? {
        guard !isNull(column) else { return nil }
        return withText(column) { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of a column, `nil` where it is NULL.
    public func blob(_ column: Int) -> [UInt8]? {
        guard !isNull(column) else { return nil }
        return withBlob(column) { Array($0) }
    }

    public func value(_ column: Int) -> SQLiteValue {
        switch cell(column) {
        case .null: .null
        case .integer(let number): .integer(number)
        case .real(let number): .real(number)
        case .text(let text): .text(String(decoding: text, as: UTF8.self))
        case .blob(let bytes): .blob(Array(bytes))
        }
    }

    /// The value of a column, lent until the next step or reset.
    public func cell(_ column: Int) -> SQLiteCell {
        switch sqlite3_column_type(handle, Int32(column)) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .real(real(column))
        // As a blob it needs no terminator, and so no copy.
        case SQLITE_TEXT: .text(withBlob(column) { $0 })
        case SQLITE_BLOB: .blob(withBlob(column) { $0 })
        default: .null
        }
    }

    private func withText<Result>(_ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        // The call for the text converts numbers; only then is the count of bytes that of the text.
        let start = sqlite3_column_text(handle, Int32(column))
        return body(UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column)))))
    }

    private func withBlob<Result>(_ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let start = sqlite3_column_blob(handle, Int32(column))?.assumingMemoryBound(to: UInt8.self)
        return body(UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column)))))
    }
}

private func isBlankOrEnd(_ character: UInt8) -> Bool {
    switch character {
    case 0x20, 0x09...0x0d, UInt8(ascii: ";"): true
    default: false
    }
}
