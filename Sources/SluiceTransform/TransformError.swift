/// What is wrong with a definition's SQL, or between it and the definition's other keys.
public struct TransformError: Sendable, Hashable, CustomStringConvertible {
    /// What was found.
    public let message: String
    /// What is expected, or what to do.
    public let remedy: String
    /// Where in the SQL, in bytes of UTF-8.
    public let sqlOffset: Int?
    /// The key of the feature file that is at fault: `sql`, `entity`, `event_time`, `revision`, `delete_when`.
    public let key: String

    public init(_ message: String, remedy: String, sqlOffset: Int? = nil, key: String = "sql") {
        self.message = message
        self.remedy = remedy
        self.sqlOffset = sqlOffset
        self.key = key
    }

    public var description: String { "\(message); \(remedy)" }
}

/// All faults that could be found in one definition.
public struct TransformErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// At least one; those of the SQL in the order of their places.
    public let errors: [TransformError]

    public init(_ errors: [TransformError]) {
        precondition(!errors.isEmpty, "an error is thrown for a reason")
        self.errors = errors
    }

    public var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// Why a batch as a whole could not be transformed. It says nothing of its records: the batch can be tried again.
public enum TransformFailure: Error, Sendable, Hashable {
    case outOfMemory
}
