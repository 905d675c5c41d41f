/// What replicas must agree on, kept outside of them: which files a stream has, how far each sink has settled them,
/// and who may move a cursor.
///
/// Safe to call from any thread. Calls block for a disk write or a round trip, and each is atomic.
public protocol CoordinationStore: AnyObject, Sendable {
    /// The ordinals of a stream's files, allotted on first sight by compare-and-set and the same ever after. Files seen
    /// together for the first time are numbered in the order given, from 0. A file that none of its path's identities
    /// holds for has replaced what was there, and gets an ordinal of its own.
    ///
    /// - Returns: one ordinal per file, in the order given.
    func ordinals(of files: [FileSighting], stream: StreamID) throws(CoordinationTrouble) -> [UInt32]

    /// How far a sink has settled each file of a stream, by ordinal. Files never settled are absent.
    func cursors(of stream: StreamID, sink: String) throws(CoordinationTrouble) -> [UInt32: FileCursor]

    /// Moves cursors, all or none. A holder whose lease was taken over moves nothing.
    func move(_ cursors: [CursorMove]) throws(CoordinationTrouble)
}

/// A feature version's realtime or bootstrap stream.
public struct StreamID: Hashable, Sendable, CustomStringConvertible {
    public var featureVersion: FeatureVersion
    public var lane: Lane

    public init(_ featureVersion: FeatureVersion, _ lane: Lane) {
        self.featureVersion = featureVersion
        self.lane = lane
    }

    /// `rider_activity v2 realtime`
    public var description: String { "\(featureVersion) \(lane)" }
}

/// How far one sink has settled one file.
public struct FileCursor: Hashable, Sendable {
    /// In decompressed bytes.
    public var offset: UInt64
    /// Data records settled so far; control records are not counted.
    public var records: UInt64

    public init(offset: UInt64, records: UInt64) {
        self.offset = offset
        self.records = records
    }
}

/// A cursor's new place.
public struct CursorMove: Hashable, Sendable {
    public var stream: StreamID
    public var sink: String
    public var ordinal: UInt32
    public var cursor: FileCursor

    public init(stream: StreamID, sink: String, ordinal: UInt32, cursor: FileCursor) {
        self.stream = stream
        self.sink = sink
        self.ordinal = ordinal
        self.cursor = cursor
    }
}

/// Why the coordination store did not do what was asked.
public enum CoordinationTrouble: Error, Sendable, Hashable {
    /// It cannot be reached or opened, or its disk is full: try again.
    case unavailable(String)
    /// Another process holds what was to be leased: who it is, in words.
    case heldByAnother(String)
    /// The lease under which this process moved cursors was taken over: stop moving them.
    case fenced(String)
    /// What is stored there cannot be understood: a newer layout, damage.
    case damaged(String)

    public var reason: String {
        switch self {
        case .unavailable(let reason), .heldByAnother(let reason), .fenced(let reason), .damaged(let reason): reason
        }
    }
}
