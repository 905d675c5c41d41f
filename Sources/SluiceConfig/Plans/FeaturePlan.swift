public import SluiceCore

/// What one feature file says: a definition, what feeds it, where it goes, and how it becomes current.
public struct FeaturePlan: Sendable {
    public var definition: FeatureDefinition
    public var owner: String
    /// One or both.
    public var streams: [Lane: StreamPlan]
    /// Names of sinks that have a file, though perhaps an invalid one: then `Configuration.sinks` does not hold it.
    public var sinks: [String]
    public var cutover: CutoverPlan
    /// Where the feature's mapping begins.
    public var place: Place
    /// The file, by which later checks find their places.
    private let origin: Origin?

    /// A file's tree and text.
    struct Origin: Sendable {
        var tree: YAMLNode
        var source: SourceText
    }

    /// A plan that comes from no file: every place in it is `place`.
    public init(
        definition: FeatureDefinition, owner: String, streams: [Lane: StreamPlan], sinks: [String],
        cutover: CutoverPlan, place: Place
    ) {
        self.init(
            definition: definition, owner: owner, streams: streams, sinks: sinks, cutover: cutover, place: place,
            origin: nil)
    }

    init(
        definition: FeatureDefinition, owner: String, streams: [Lane: StreamPlan], sinks: [String],
        cutover: CutoverPlan, place: Place, origin: Origin?
    ) {
        self.definition = definition
        self.owner = owner
        self.streams = streams
        self.sinks = sinks
        self.cutover = cutover
        self.place = place
        self.origin = origin
    }

    /// The place of a byte of the SQL text, whatever style of YAML it is written in.
    public func place(ofSQLOffset utf8Offset: Int) -> Place {
        guard let origin, let node = origin.tree["sql"], case .scalar(let scalar) = node.content else { return place }
        return place(origin.source.mark(of: scalar, at: node.mark, utf8Offset: utf8Offset))
    }

    /// The place of a key's value, and where that is a list, of one of its items. A key that is left out has the
    /// place of the feature.
    public func place(of key: String, item: Int? = nil) -> Place {
        guard let node = origin?.tree[key] else { return place }
        if let item, case .sequence(let items) = node.content, items.indices.contains(item) {
            return place(items[item].mark)
        }
        return place(node.mark)
    }

    private func place(_ mark: YAMLMark) -> Place { Place(file: place.file, line: mark.line, column: mark.column) }
}

/// Where a feature's records come from.
public enum StreamPlan: Sendable, Hashable {
    /// A file, a folder or a glob.
    case file(path: String, format: StreamFormat)
    case redis(address: RedisAddress, stream: String)
}

public enum StreamFormat: String, Sendable, Hashable, CaseIterable {
    case ndjson
    case csv
}

/// When clients are moved to a new version.
public struct CutoverPlan: Sendable, Hashable {
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// As soon as every gate is passed.
        case auto
        /// When an operator says so, and every gate is passed.
        case manual
    }

    public var mode: Mode
    /// The age that the oldest unsettled realtime record may have.
    public var maxLag: Duration
    /// How long the lag must have held.
    public var settle: Duration
    /// The share of the current version's entities that must be there; 0...1.
    public var minCoverage: Double
    /// How long the old version is kept after the flip.
    public var keepBackup: Duration

    public init(mode: Mode, maxLag: Duration, settle: Duration, minCoverage: Double, keepBackup: Duration) {
        self.mode = mode
        self.maxLag = maxLag
        self.settle = settle
        self.minCoverage = minCoverage
        self.keepBackup = keepBackup
    }
}
