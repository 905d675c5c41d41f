/// Why the service cannot do what was asked, in words for whoever asked.
public enum ServiceError: Error, Sendable {
    /// The configuration does not allow it.
    case configuration(String)
    /// A store that is needed cannot be had, or something failed that may go well later.
    case unavailable(String)

    public var reason: String {
        switch self {
        case .configuration(let reason), .unavailable(let reason): reason
        }
    }

    public var isConfiguration: Bool {
        if case .configuration = self { true } else { false }
    }
}
