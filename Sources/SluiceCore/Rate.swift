/// How many rows a sink may be written per second.
public struct Rate: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Not negative; 0 pauses.
    public let rowsPerSecond: Double

    public init(rowsPerSecond: Double) {
        precondition(rowsPerSecond >= 0 && rowsPerSecond.isFinite, "a rate is finite and not negative")
        self.rowsPerSecond = rowsPerSecond
    }

    public static func < (one: Rate, other: Rate) -> Bool { one.rowsPerSecond < other.rowsPerSecond }

    /// As in YAML: `20000/s`, `0.5/s`.
    public var description: String {
        rowsPerSecond == rowsPerSecond.rounded() && rowsPerSecond < 1e15
            ? "\(Int64(rowsPerSecond))/s" : "\(rowsPerSecond)/s"
    }
}
