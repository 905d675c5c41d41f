public import SluiceCore

/// What one file of the sinks' folder promises to whoever runs that store.
public struct SinkPlan: Sendable, Hashable {
    /// The file's name without `.yaml`.
    public var name: String
    public var kind: SinkKind
    /// Rows per second for the whole fleet; `nil` = unlimited.
    public var rate: Rate?
    /// What bootstrap rows may take at most; `nil` = all that realtime leaves.
    public var bootstrapMaxRate: Rate?
    /// What bootstrap rows get at least, as a share of the rate; 0...1.
    public var bootstrapMinShare: Double
    public var schedule: SchedulePlan?
    public var batch: BatchPlan
    public var place: Place

    public init(
        name: String, kind: SinkKind, rate: Rate?, bootstrapMaxRate: Rate?, bootstrapMinShare: Double,
        schedule: SchedulePlan?, batch: BatchPlan, place: Place
    ) {
        self.name = name
        self.kind = kind
        self.rate = rate
        self.bootstrapMaxRate = bootstrapMaxRate
        self.bootstrapMinShare = bootstrapMinShare
        self.schedule = schedule
        self.batch = batch
        self.place = place
    }
}

public enum SinkKind: Sendable, Hashable {
    case redis(address: RedisAddress, durability: RedisDurability)
    /// Always by majority and journalled. `display` is the address without credentials.
    case mongo(uri: Secret, database: String, display: String)
    case file(path: String, compression: FileCompression)
}

/// When a write to Redis counts as done.
public enum RedisDurability: Sendable, Hashable {
    /// The server has it in memory.
    case memory
    /// So many replicas acknowledged it (`WAIT`).
    case replicated(Int)
}

public enum FileCompression: String, Sendable, Hashable, CaseIterable {
    case none
    case gzip
}

/// Rates by local time: the first window that holds the instant wins, and outside all of them the sink's rate holds.
public struct SchedulePlan: Sendable, Hashable {
    /// An IANA zone that the system knows.
    public var zone: String
    public var windows: [WindowPlan]

    public init(zone: String, windows: [WindowPlan]) {
        self.zone = zone
        self.windows = windows
    }
}

/// A span of local time, from `fromMinute` until just before `toMinute`. Where the end is not after the start it
/// crosses midnight, and belongs to the day on which it starts.
public struct WindowPlan: Sendable, Hashable {
    public var name: String
    /// In the order of the week.
    public var days: [Weekday]
    /// Minute of the day, 0...1439.
    public var fromMinute: Int
    /// Minute of the day, 0...1440; never equal to `fromMinute`.
    public var toMinute: Int
    public var rate: Rate

    public init(name: String, days: [Weekday], fromMinute: Int, toMinute: Int, rate: Rate) {
        self.name = name
        self.days = days
        self.fromMinute = fromMinute
        self.toMinute = toMinute
        self.rate = rate
    }
}

public enum Weekday: String, Sendable, Hashable, CaseIterable {
    case monday = "mon"
    case tuesday = "tue"
    case wednesday = "wed"
    case thursday = "thu"
    case friday = "fri"
    case saturday = "sat"
    case sunday = "sun"
}

/// How rows are put together for one write.
public struct BatchPlan: Sendable, Hashable {
    public var rows: Int
    /// How long a row waits for company.
    public var wait: Duration

    public init(rows: Int, wait: Duration) {
        self.rows = rows
        self.wait = wait
    }
}
