internal import CSQLite

/// What SQLite answered instead of doing what it was asked.
public struct SQLiteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds that callers tell apart.
    public enum Code: Sendable, Hashable {
        /// Another connection holds the database, and the busy time-out has passed.
        case busy
        /// The database cannot be opened: no such folder, no rights.
        case cannotOpen
        case readOnly
        case full
        case inputOutput
        /// What is stored is damaged, or no database.
        case corrupt
        case constraint
        /// A value is longer than the connection allows.
        case tooBig
        case outOfMemory
        /// A progress handler ended the statement.
        case interrupted
        /// The authorizer refused it.
        case notAuthorized
        /// SQL that cannot be compiled, or fails as it runs.
        case sql
        /// Anything else, by SQLite's primary result code.
        case other(Int32)
    }

    public let code: Code
    /// SQLite's own words.
    public let message: String
    /// Where in the SQL, in bytes of UTF-8, the fault lies; `nil` where SQLite does not tell.
    public let sqlOffset: Int?

    public init(code: Code, message: String, sqlOffset: Int? = nil) {
        self.code = code
        self.message = message
        self.sqlOffset = sqlOffset
    }

    public var description: String { message }
}

extension SQLiteError {
    /// The error behind a result code that was just returned for a call on `handle`.
    init(_ result: Int32, on handle: OpaquePointer?) {
        guard let handle else {
            self.init(code: Code(result), message: String(cString: sqlite3_errstr(result)))
            return
        }
        let offset = sqlite3_error_offset(handle)
        self.init(
            code: Code(result), message: String(cString: sqlite3_errmsg(handle)),
            sqlOffset: offset >= 0 ? Int(offset) : nil)
    }
}

extension SQLiteError.Code {
    fileprivate init(_ result: Int32) {
        switch result & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        case SQLITE_CANTOPEN, SQLITE_PERM: self = .cannotOpen
        case SQLITE_READONLY: self = .readOnly
        case SQLITE_FULL: self = .full
        case SQLITE_IOERR: self = .inputOutput
        case SQLITE_CORRUPT, SQLITE_NOTADB: self = .corrupt
        case SQLITE_CONSTRAINT: self = .constraint
        case SQLITE_TOOBIG: self = .tooBig
        case SQLITE_NOMEM: self = .outOfMemory
        case SQLITE_INTERRUPT: self = .interrupted
        case SQLITE_AUTH: self = .notAuthorized
        case SQLITE_ERROR: self = .sql
        default: self = .other(result & 0xff)
        }
    }
}
