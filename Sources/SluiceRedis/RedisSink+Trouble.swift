internal import SluiceCore

extension SinkTrouble {
    /// What an error of Redis means for a sink. An error that is unknown here is said to be a matter of configuration:
    /// it is tried again and shown to a person, and no row becomes a dead letter by it.
    init(_ error: RedisError, at address: RedisAddress) {
        switch error {
        case .connection(let words): self = .unreachable(words)
        case .reply(let reply): self = Self.trouble(reply, at: address)
        }
    }

    private static func trouble(_ reply: RedisErrorReply, at address: RedisAddress) -> SinkTrouble {
        let words = "\(address): \(reply.code) \(reply.message)"
        switch reply.code {
        case "OOM", "LOADING", "BUSY", "MISCONF", "TRYAGAIN", "MASTERDOWN", "NOREPLICAS", "READONLY", "UNBLOCKED":
            return .overloaded(words)
        case "MOVED", "ASK", "CROSSSLOT", "CLUSTERDOWN": return .redisCluster(at: address)
        case "ERR" where reply.message.contains("max number of clients"): return .overloaded(words)
        case "ERR" where reply.message.contains("not allowed in cluster mode"): return .redisCluster(at: address)
        case "ERR" where reply.message.contains("invalid bulk length"):
            return .batchRefused("\(address): a value is longer than the server's proto-max-bulk-len")
        default: return .misconfigured(words)
        }
    }

    static func redisCluster(at address: RedisAddress) -> SinkTrouble {
        .misconfigured("\(address): Redis Cluster is not supported in this release; use a server without it")
    }
}
