public import SluiceCore

extension SinkTrouble {
    public enum Kind: Sendable, Hashable {
        case unreachable
        case overloaded
        case notDurable
        case misconfigured
        case batchRefused
    }

    /// Which trouble it is, whatever its reason.
    public var kind: Kind {
        switch self {
        case .unreachable: .unreachable
        case .overloaded: .overloaded
        case .notDurable: .notDurable
        case .misconfigured: .misconfigured
        case .batchRefused: .batchRefused
        }
    }
}

/// The trouble that a body ends in; `nil` if it ends well. Other errors are thrown on.
public func trouble(_ body: () throws -> Void) throws -> SinkTrouble? {
    do {
        try body()
        return nil
    } catch let trouble as SinkTrouble {
        return trouble
    }
}
