internal import CSQLite

/// The arguments of a call in SQL, lent to the guard of the function.
public struct SQLArguments {
    fileprivate let values: UnsafeBufferPointer<OpaquePointer?>

    public var count: Int { values.count }

    /// The argument as text, numbers in decimal; empty where it is NULL.
    public func text(_ place: Int) -> UnsafeBufferPointer<UInt8> {
        // The call for the text converts numbers; only then is the count of bytes that of the text.
        let start = sqlite3_value_text(values[place])
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(values[place])))
    }
}

extension Connection {
    /// Puts a guard before a function that SQLite has: a call for which `objection` finds words fails with them, any
    /// other does what it always did, some tenths of a microsecond slower. Limit the length of values before.
    ///
    /// - Parameter argumentCount: the calls that are meant; `nil` = with any number of arguments.
    public func guardFunction(
        _ name: String, argumentCount: Int? = nil, objection: @escaping (SQLArguments) -> String?
    ) throws(SQLiteError) {
        let guarded = GuardedFunction(
            name: name, valueLength: sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, -1), objection: objection)
        retained.append(guarded)
        let result = sqlite3_create_function_v2(
            handle, name, Int32(argumentCount ?? -1), SQLITE_UTF8 | SQLITE_DETERMINISTIC,
            Unmanaged.passUnretained(guarded).toOpaque(),
            { context, count, values in
                let guarded = Unmanaged<GuardedFunction>.fromOpaque(sqlite3_user_data(context)).takeUnretainedValue()
                guarded.call(
                    SQLArguments(values: UnsafeBufferPointer(start: values, count: Int(count))), context: context!)
            }, nil, nil, nil)
        try check(result)
    }
}

/// Once a function is replaced, the original cannot be called on that connection any more; so it is called on another.
private final class GuardedFunction {
    private let name: String
    private let valueLength: Int32
    private let objection: (SQLArguments) -> String?
    private var originals: [Int: Statement] = [:]

    init(name: String, valueLength: Int32, objection: @escaping (SQLArguments) -> String?) {
        self.name = name
        self.valueLength = valueLength
        self.objection = objection
    }

    func call(_ arguments: SQLArguments, context: OpaquePointer) {
        if let objection = objection(arguments) {
            sqlite3_result_error(context, objection, -1)
            return
        }
        do throws(SQLiteError) {
            let statement = try original(argumentCount: arguments.count)
            defer { statement.reset() }
            for (place, value) in arguments.values.enumerated() {
                try statement.connection.check(sqlite3_bind_value(statement.handle, Int32(place + 1), value))
            }
            guard try statement.step() else { preconditionFailure("a SELECT without FROM has one row") }
            sqlite3_result_value(context, sqlite3_column_value(statement.handle, 0))
        } catch {
            sqlite3_result_error(context, error.message, -1)
        }
    }

    private func original(argumentCount: Int) throws(SQLiteError) -> Statement {
        if let statement = originals[argumentCount] { return statement }
        let parameters = Array(repeating: "?", count: argumentCount).joined(separator: ", ")
        let connection = try Connection(path: ":memory:")
        connection.limit(.valueLength, to: Int(valueLength))
        let statement = try connection.prepare("SELECT \(name)(\(parameters))")
        originals[argumentCount] = statement
        return statement
    }
}
