/// A place in a file that a person can jump to.
public struct Place: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The file as it was named: relative where the configuration's own path is relative.
    public var file: String
    /// From 1.
    public var line: Int
    /// From 1, in Unicode scalars.
    public var column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `config/features/rides.yaml:3:7`.
    public var description: String { "\(file):\(line):\(column)" }

    public static func < (one: Place, other: Place) -> Bool {
        (one.file, one.line, one.column) < (other.file, other.line, other.column)
    }
}

/// What is wrong with the configuration, where, and what would be right. It never repeats a secret.
public struct Diagnostic: Hashable, Sendable, Comparable, CustomStringConvertible {
    public enum Severity: String, Hashable, Sendable {
        /// The unit (file) cannot be used.
        case error
        /// The unit works, though not as its author seems to think.
        case warning
    }

    public var severity: Severity
    public var place: Place
    /// What was found.
    public var message: String
    /// What is expected, or what to do.
    public var remedy: String

    public init(_ severity: Severity = .error, at place: Place, _ message: String, remedy: String) {
        self.severity = severity
        self.place = place
        self.message = message
        self.remedy = remedy
    }

    /// One line: `config/features/rides.yaml:3:7: error: what was found; what is expected`.
    public var description: String { "\(place): \(severity.rawValue): \(message); \(remedy)" }

    public static func < (one: Diagnostic, other: Diagnostic) -> Bool {
        (one.place, one.message, one.remedy) < (other.place, other.message, other.remedy)
    }
}
