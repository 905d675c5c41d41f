public import SluiceCore

/// What a Redis sink is told of its server.
public struct RedisSinkConfiguration: Sendable, Hashable {
    /// When a write counts as done.
    public enum Durability: Sendable, Hashable {
        /// The server has it in memory; its own persistence decides what a crash of it loses.
        case memory
        /// At least so many replicas have it in memory too (`WAIT`, its count checked).
        case replicated(Int)
    }

    public var address: RedisAddress
    public var durability: Durability
    /// How long an answer may take. A call waits no longer than this for the next bytes of one; replicas are waited for
    /// half as long.
    public var timeout: Duration
    public var connectTimeout: Duration

    public init(
        address: RedisAddress, durability: Durability = .memory, timeout: Duration = .seconds(5),
        connectTimeout: Duration = .seconds(2)
    ) {
        self.address = address
        self.durability = durability
        self.timeout = timeout
        self.connectTimeout = connectTimeout
    }
}
