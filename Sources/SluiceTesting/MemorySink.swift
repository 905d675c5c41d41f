public import SluiceCore

/// A sink that keeps rows in memory, by the contract of sinks, and fails as a test tells it to.
public final class MemorySink: Sink {
    /// What the test and the writer's thread both look at.
    public final class Store: Sendable {
        private struct State {
            var rows: [EntityKey: Stored] = [:]
            var troubles: [SinkTrouble] = []
            var refused: Set<[UInt8]> = []
            var isHanging = false
            var writes = 0
        }

        /// An entity by its bytes: to Swift's strings, texts that differ only in normalisation are equal.
        private struct EntityKey: Hashable {
            let featureVersion: FeatureVersion
            let entity: [UInt8]
        }

        private struct Stored {
            let version: WriteVersion
            /// `nil` in a tombstone.
            let values: [String: Value]?
        }

        private let state = Locked(State())

        public init() {}

        /// The values of each entity that is not deleted, by `<feature version>/<entity>`. Traps where two of these are
        /// equal as strings, since a dictionary of strings could hold only one.
        public var values: [String: [String: Value]] {
            let rows = state.with(\.rows)
            let named = rows.compactMap { key, row in
                row.values.map { ("\(key.featureVersion)/\(String(decoding: key.entity, as: UTF8.self))", $0) }
            }
            return Dictionary(uniqueKeysWithValues: named)
        }
        public var writes: Int { state.with(\.writes) }

        /// The next writes throw these, one each.
        public func fail(_ troubles: SinkTrouble...) { state.with { $0.troubles += troubles } }
        /// Rows of these entities are refused.
        public func refuse(_ entities: String...) {
            state.with { $0.refused.formUnion(entities.map { Array($0.utf8) }) }
        }
        public func refuseNothing() { state.with { $0.refused = [] } }
        /// Writes block until they are interrupted.
        public func hang() { state.with { $0.isHanging = true } }

        fileprivate func interrupt() { state.with { $0.isHanging = false } }
        fileprivate var isHanging: Bool { state.with(\.isHanging) }

        fileprivate func write(_ rows: [Row], now: EventTime) throws(SinkTrouble) -> [SinkVerdict] {
            let outcome: Result<[SinkVerdict], SinkTrouble> = state.with { state in
                state.writes += 1
                if !state.troubles.isEmpty { return .failure(state.troubles.removeFirst()) }
                return .success(rows.map { Self.apply($0, now, &state) })
            }
            return try outcome.get()
        }

        private static func apply(_ row: Row, _ now: EventTime, _ state: inout State) -> SinkVerdict {
            let key = EntityKey(featureVersion: row.schema.featureVersion, entity: row.withEntity { Array($0) })
            if state.refused.contains(key.entity) { return .refused("the test refuses it") }
            if row.isExpired(at: now) { return .expired }
            if let stored = state.rows[key]?.version, stored >= row.version {
                return stored == row.version ? .duplicate : .stale
            }
            state.rows[key] = Stored(version: row.version, values: row.isDeleted ? nil : row.values)
            return .applied
        }
    }

    private let store: Store
    private var outstanding: [[SinkVerdict]] = []

    public let window = 2
    public let settleDue: MonotonicTime? = nil
    public let interrupter: SinkInterrupter

    public init(_ store: Store) {
        self.store = store
        interrupter = SinkInterrupter { store.interrupt() }
    }

    public func write(_ rows: [Row], now: EventTime) throws(SinkTrouble) {
        if store.isHanging {
            while store.isHanging { pause() }
            outstanding = []
            throw .unreachable("interrupted")
        }
        do throws(SinkTrouble) {
            outstanding.append(try store.write(rows, now: now))
        } catch {
            outstanding = []
            throw error
        }
    }

    public func settle(flush: Bool) throws(SinkTrouble) -> [[SinkVerdict]] {
        defer { outstanding = [] }
        return outstanding
    }

    public func close() {}
}
