/// Which of a feature version's two streams a row came by, and so which queue it waits in before a sink.
///
/// The raw value is the lane's digit in a `WriteVersion`: between rows of one event time and revision, realtime wins.
public enum Lane: UInt8, Sendable, Hashable, CaseIterable, Comparable, CustomStringConvertible {
    /// The first fill: large, and never urgent.
    case bootstrap = 0
    /// Steady output: small, and always first.
    case realtime = 1

    public init?(name: some StringProtocol) {
        switch name {
        case "bootstrap": self = .bootstrap
        case "realtime": self = .realtime
        default: return nil
        }
    }

    public var description: String {
        switch self {
        case .bootstrap: "bootstrap"
        case .realtime: "realtime"
        }
    }

    public static func < (one: Lane, other: Lane) -> Bool { one.rawValue < other.rawValue }
}
