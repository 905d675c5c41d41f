public import SluiceCore

/// What the contract suite must know of one kind of sink to try it: how to make one on a real store, how to read the
/// store's state behind the sink's back, and how to hurt the store.
///
/// A harness is made, used and let go on one thread, for one law.
public protocol SinkHarness: AnyObject {
    /// Whether the store keeps every row rather than the greatest per entity. Its verdicts are then `applied` and
    /// `expired` only, and its state is the greatest version per entity.
    var keepsHistory: Bool { get }

    /// Laws that this kind of sink need not keep, by name, each with the reason.
    var lawsPassedOver: [String: String] { get }

    /// A new sink on the store.
    func makeSink() throws -> any Sink

    /// A new sink on the store whose answers can be lost on the way.
    func makeSinkWithLossyAnswers() throws -> LossySink

    /// What the store holds of a feature version, one row per entity. Tombstones are there; what expired is not.
    func state(of featureVersion: FeatureVersion) throws -> [StoredRow]

    /// How a value reads back from the store; `nil` = as an absent column.
    func stored(_ value: Value) -> Value?

    /// Sees to it that the store itself refuses rows of this entity, for good. Called before any row is written there.
    func refuse(_ entity: String, of featureVersion: FeatureVersion) throws

    /// Ends the store at once, as `kill -9` does.
    func takeDown() throws

    /// Starts the store again, with what it had durably stored, at the same address; returns when it answers.
    func bringUp() throws
}

extension SinkHarness {
    public var keepsHistory: Bool { false }
    public var lawsPassedOver: [String: String] { [:] }

    /// Stores that keep types, and leave NULL out.
    public func stored(_ value: Value) -> Value? {
        if case .null = value { nil } else { value }
    }
}

/// A sink whose next answer can be lost after the store has done the work.
public struct LossySink {
    public let sink: any Sink
    /// After this call the store applies the next batch, and the sink never hears of it.
    public let loseNextAnswer: () throws -> Void

    public init(sink: any Sink, loseNextAnswer: @escaping () throws -> Void) {
        self.sink = sink
        self.loseNextAnswer = loseNextAnswer
    }
}

/// A row as a store holds it. Texts are equal if their bytes are: to Swift's strings `é` and `e\u{301}` are the same,
/// and a store must not think so.
public struct StoredRow: Equatable, Sendable {
    /// The text of its entity.
    public var entity: String
    /// The text of its version.
    public var version: String
    public var isDeleted: Bool
    /// Columns that are there. Empty in a tombstone.
    public var values: [String: Value]

    public init(entity: String, version: String, isDeleted: Bool, values: [String: Value]) {
        self.entity = entity
        self.version = version
        self.isDeleted = isDeleted
        self.values = values
    }

    public static func == (one: StoredRow, other: StoredRow) -> Bool {
        one.entity.utf8.elementsEqual(other.entity.utf8) && one.version == other.version
            && one.isDeleted == other.isDeleted && one.values.mapValues(exact) == other.values.mapValues(exact)
    }

    /// A value by which to compare: the bytes of a text, the bits of a double (`0.0` is not `-0.0`).
    private static func exact(_ value: Value) -> [AnyHashable] {
        switch value {
        case .null: []
        case .integer(let number): [0, number]
        case .real(let number): [1, number.bitPattern]
        case .text(let text): [2, Array(text.utf8)]
        }
    }
}
