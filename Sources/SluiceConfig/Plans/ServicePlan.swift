public import SluiceCore

/// What `sluice.yaml` says of the process as a whole.
public struct ServicePlan: Sendable, Hashable {
    /// The fleet's name: cursors, leases and metrics carry it.
    public var deployment: String
    public var coordination: CoordinationPlan
    public var admin: AdminPlan
    public var deadLetters: DeadLettersPlan
    /// From SIGTERM to the end of the process, at most.
    public var drainTimeout: Duration
    /// A row whose event time lies further ahead of the clock is refused.
    public var maxFutureSkew: Duration

    public init(
        deployment: String, coordination: CoordinationPlan, admin: AdminPlan, deadLetters: DeadLettersPlan,
        drainTimeout: Duration, maxFutureSkew: Duration
    ) {
        self.deployment = deployment
        self.coordination = coordination
        self.admin = admin
        self.deadLetters = deadLetters
        self.drainTimeout = drainTimeout
        self.maxFutureSkew = maxFutureSkew
    }
}

/// Where replicas agree.
public enum CoordinationPlan: Sendable, Hashable {
    /// One host, embedded: an SQLite database in this folder.
    case file(path: String)
    /// A fleet of at most `maxReplicas`.
    case redis(address: RedisAddress, maxReplicas: Int)
}

/// Where the admin API listens.
public struct AdminPlan: Sendable, Hashable {
    /// An IP address without brackets, or a host name.
    public var host: String
    /// 0 lets the system choose.
    public var port: Int
    /// What callers must show; always there beyond loopback.
    public var token: Secret?

    public init(host: String, port: Int, token: Secret?) {
        self.host = host
        self.port = port
        self.token = token
    }
}

/// Where refused records are kept.
public struct DeadLettersPlan: Sendable, Hashable {
    public enum Store: Sendable, Hashable {
        case file(path: String)
        case redis(address: RedisAddress, stream: String)
    }

    public var store: Store
    /// A feature whose refused share exceeds this pauses; 0...1.
    public var maxShare: Double

    public init(store: Store, maxShare: Double) {
        self.store = store
        self.maxShare = maxShare
    }
}
