import SluiceCore

/// Why the events could not be written. The numbers are `errno`.
public enum RidesError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The folder holds events already; new ones would mix with them.
    case alreadyThere(path: String)
    case cannotCreate(path: String, code: Int32)
    case cannotWrite(path: String, code: Int32)

    public var description: String {
        switch self {
        case .alreadyThere(let path):
            "\(path): is there already, and new events would mix with old ones; delete it or choose another folder"
        case .cannotCreate(let path, let code): "\(path): cannot be created: \(String(systemError: code))"
        case .cannotWrite(let path, let code): "\(path): cannot be written: \(String(systemError: code))"
        }
    }
}
