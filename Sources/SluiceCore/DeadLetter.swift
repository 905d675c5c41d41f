/// What is kept of a record or row that can never be taken: enough to see why, and to try again.
public struct DeadLetter: Sendable, Hashable {
    /// Where the record came from, and so the identity of the letter: writing it again changes nothing.
    public struct ID: Hashable, Sendable {
        public var stream: StreamID
        public var position: Position
        /// The sink that refused the row; `nil` when the record itself was refused, for all sinks at once.
        public var sink: String?
        /// The row's index within its record; 0 when the record itself was refused.
        public var row: UInt16

        public init(stream: StreamID, position: Position, sink: String?, row: UInt16) {
            self.stream = stream
            self.position = position
            self.sink = sink
            self.row = row
        }
    }

    public var id: ID
    /// The kind of fault, for counting.
    public var reason: RefusalReason
    /// What was wrong, in words, without the offending value.
    public var detail: String
    public var format: RecordFormat
    public var raw: [UInt8]
    /// The hash of the configuration under which it was refused.
    public var configHash: String
    public var refusedAt: EventTime

    public init(
        id: ID, reason: RefusalReason, detail: String, format: RecordFormat, raw: [UInt8], configHash: String,
        refusedAt: EventTime
    ) {
        self.id = id
        self.reason = reason
        self.detail = detail
        self.format = format
        self.raw = raw
        self.configHash = configHash
        self.refusedAt = refusedAt
    }
}

/// Why a record or row was refused; the label `reason` of `sluice_dead_letters_total`.
public enum RefusalReason: String, Sendable, CaseIterable {
    /// The bytes are no record: not JSON, not an object, broken UTF-8, a CSV line with another number of fields.
    case unreadable
    /// Longer, or nested deeper, than a record may be.
    case tooLarge = "too_large"
    /// The SQL failed on it, or ran out of its step budget.
    case sqlFailed = "sql_failed"
    /// A column of the entity is NULL or neither text nor an integer.
    case badEntity = "bad_entity"
    /// The event time is NULL or cannot be read.
    case badEventTime = "bad_event_time"
    /// The event time lies further ahead than `max_future_skew`.
    case futureEventTime = "future_event_time"
    /// The revision is not an integer from 0 to 2^32 − 1.
    case badRevision = "bad_revision"
    /// A value is of a type that sinks cannot keep: a blob, or text that is not UTF-8.
    case badValue = "bad_value"
    /// The sink said that it can never take the row.
    case sinkRefused = "sink_refused"
}

/// Where dead letters are kept, durably, until a person replays or discards them. Safe to call from any thread.
public protocol DeadLetterStore: AnyObject, Sendable {
    /// Keeps these letters; durable on return. A letter that is there already is not kept twice, and a replay that was
    /// asked for it, of the sink that met it again, is ended.
    ///
    /// - Parameter sink: the sink on whose way the letters were met.
    func keep(_ letters: [DeadLetter], met sink: String) throws(CoordinationTrouble)

    /// Letters whose replay was asked for and which `sink` has not yet settled, oldest first, at most `limit`.
    func replays(for sink: String, limit: Int) throws(CoordinationTrouble) -> [DeadLetter]

    /// Takes note that a sink has settled these letters; a letter that all its sinks have settled is gone. One that was
    /// refused again (`keep` ended its replay) stays.
    func settled(_ letters: [DeadLetter.ID], by sink: String) throws(CoordinationTrouble)

    /// Letters that match, oldest first.
    func list(_ filter: DeadLetterFilter, limit: Int) throws(CoordinationTrouble) -> [DeadLetter]

    /// How many letters match, by feature version and reason.
    func count(_ filter: DeadLetterFilter) throws(CoordinationTrouble) -> [DeadLetterCount]

    /// Asks that matching letters be tried again: by the sink that refused the row, or by all of the feature
    /// version's sinks. Returns how many letters that are.
    func requestReplay(
        _ filter: DeadLetterFilter, sinks: [FeatureVersion: [String]]
    ) throws(CoordinationTrouble) -> Int

    /// Deletes matching letters; returns how many. A sink that has yet to meet the same record keeps it anew.
    func discard(_ filter: DeadLetterFilter) throws(CoordinationTrouble) -> Int
}

/// Which dead letters are meant; `nil` = any.
public struct DeadLetterFilter: Sendable, Hashable {
    public var feature: String?
    public var version: Int?
    public var sink: String?
    public var reason: RefusalReason?

    public init(feature: String? = nil, version: Int? = nil, sink: String? = nil, reason: RefusalReason? = nil) {
        self.feature = feature
        self.version = version
        self.sink = sink
        self.reason = reason
    }
}

/// A line of a summary of dead letters.
public struct DeadLetterCount: Sendable, Hashable {
    public var featureVersion: FeatureVersion
    public var reason: RefusalReason
    public var letters: Int

    public init(featureVersion: FeatureVersion, reason: RefusalReason, letters: Int) {
        self.featureVersion = featureVersion
        self.reason = reason
        self.letters = letters
    }
}
