internal import CSQLite

/// What a statement wants to do, asked as it is compiled.
public enum SQLAction {
    case select
    /// A column is read; a row number goes by the name `ROWID`, a table of which no column is read by the empty name.
    case read(table: String, column: String)
    case function(String)
    /// Anything that writes, attaches, configures, recurs.
    case other
}

/// What a connection allows at most.
public enum ConnectionLimit: Sendable {
    /// Bytes of one value.
    case valueLength
    /// Bytes of a statement's text.
    case sqlLength
    case columns
    case expressionDepth
    /// Operations of a compiled statement.
    case operations
    case functionArguments
    case attachedDatabases
    /// Bytes of a pattern of LIKE or GLOB.
    case patternLength
    case parameters

    fileprivate var code: Int32 {
        switch self {
        case .valueLength: SQLITE_LIMIT_LENGTH
        case .sqlLength: SQLITE_LIMIT_SQL_LENGTH
        case .columns: SQLITE_LIMIT_COLUMN
        case .expressionDepth: SQLITE_LIMIT_EXPR_DEPTH
        case .operations: SQLITE_LIMIT_VDBE_OP
        case .functionArguments: SQLITE_LIMIT_FUNCTION_ARG
        case .attachedDatabases: SQLITE_LIMIT_ATTACHED
        case .patternLength: SQLITE_LIMIT_LIKE_PATTERN_LENGTH
        case .parameters: SQLITE_LIMIT_VARIABLE_NUMBER
        }
    }
}

extension Connection {
    /// Lowers a limit; one above what the library was built with has no effect.
    public func limit(_ limit: ConnectionLimit, to value: Int) { sqlite3_limit(handle, limit.code, Int32(value)) }

    /// From now on statements are compiled only if `decide` allows all that they want to do.
    public func authorize(_ decide: @escaping (SQLAction) -> Bool) throws(SQLiteError) {
        let authorizer = Authorizer(decide: decide)
        retained.append(authorizer)
        let result = sqlite3_set_authorizer(
            handle,
            { context, code, first, second, _, _ in
                let authorizer = Unmanaged<Authorizer>.fromOpaque(context!).takeUnretainedValue()
                let action: SQLAction =
                    switch code {
                    case SQLITE_SELECT: .select
                    case SQLITE_READ: .read(table: text(first), column: text(second))
                    case SQLITE_FUNCTION: .function(text(second))
                    default: .other
                    }
                return authorizer.decide(action) ? SQLITE_OK : SQLITE_DENY
            }, Unmanaged.passUnretained(authorizer).toOpaque())
        try check(result)
    }

    /// While statements run, asks every so many operations whether to go on; if not, the statement fails as
    /// `interrupted`. Nothing is asked within an operation, a call of a function being one.
    public func watch(every operations: Int, _ mayGoOn: @escaping () -> Bool) {
        let watcher = Watcher(mayGoOn: mayGoOn)
        retained.append(watcher)
        sqlite3_progress_handler(
            handle, Int32(operations),
            { context in Unmanaged<Watcher>.fromOpaque(context!).takeUnretainedValue().mayGoOn() ? 0 : 1 },
            Unmanaged.passUnretained(watcher).toOpaque())
    }

    /// Whether SQLite takes a word for one of its keywords.
    public static func isKeyword(_ word: String) -> Bool { sqlite3_keyword_check(word, Int32(word.utf8.count)) != 0 }
}

private final class Authorizer {
    let decide: (SQLAction) -> Bool

    init(decide: @escaping (SQLAction) -> Bool) { self.decide = decide }
}

private final class Watcher {
    let mayGoOn: () -> Bool

    init(mayGoOn: @escaping () -> Bool) { self.mayGoOn = mayGoOn }
}

private func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
