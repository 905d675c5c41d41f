public import SluiceCore
import Synchronization

/// Writes rows into MongoDB: one document per entity, replaced if the row is newer, many in each unordered bulk.
///
/// | collection | `<feature>_v<version>` |
/// | --- | --- |
/// | `_id` | the entity |
/// | `_v` | the row's version |
/// | `_event_time`, `_expire_at` | dates; the latter has a TTL index, and is there if the row expires |
/// | `_deleted` | `true` in a tombstone, which has no columns |
/// | field per column | 64-bit integers, doubles, text; NULL = no field |
///
/// A batch is done, majority and journal, when `write` returns: one may be outstanding. Counts of `applied`, `stale` and
/// `duplicate` are exact for each feature version and lane; where some rows of a bulk were applied and others were
/// duplicates, which is which may be told wrongly, since the server counts them but does not name them.
public final class MongoSink: Sink {
    /// The largest document that MongoDB takes.
    private static let documentLimit = 16 << 20
    /// How often an upsert that met another writer's is sent at most.
    private static let attemptLimit = 4

    private let configuration: MongoSinkConfiguration
    private let interruption = Interruption()
    private var client: MongoClient?
    /// Collections whose TTL index this connection has seen to.
    private var expiringCollections: Set<String> = []
    private var outstanding: [SinkVerdict]?

    /// Connects at the first `write`.
    public init(_ configuration: MongoSinkConfiguration) { self.configuration = configuration }

    public let window = 1
    public var settleDue: MonotonicTime? { nil }

    /// Ends a `write` before its next request. A request that is under way ends by its time-out at the latest: libmongoc
    /// lends its socket to nobody.
    public var interrupter: SinkInterrupter {
        let interruption = interruption
        return SinkInterrupter { interruption.isAsked.store(true, ordering: .relaxed) }
    }

    public func write(_ rows: [Row], now: EventTime) throws(SinkTrouble) {
        precondition(outstanding == nil, "a batch was written though the window is full")
        var verdicts = rows.map { row in row.isExpired(at: now) ? SinkVerdict.expired : .applied }
        let living = rows.indices.filter { !rows[$0].isExpired(at: now) }
        do {
            for round in MongoRounds(rows, selected: living) {
                for group in round { try write(group, of: rows, &verdicts) }
            }
        } catch {
            throw trouble(error)
        }
        outstanding = verdicts
    }

    public func settle(flush: Bool) throws(SinkTrouble) -> [[SinkVerdict]] {
        defer { outstanding = nil }
        return outstanding.map { [$0] } ?? []
    }

    public func close() {
        client = nil
        outstanding = nil
    }

    // MARK: Writing

    private func write(_ group: MongoGroup, of rows: [Row], _ verdicts: inout [SinkVerdict]) throws(MongoError) {
        if group.rows.contains(where: { rows[$0].expiresAt != nil }) { try ensureExpiry(in: group.collection) }
        var rest = group.rows
        for _ in 0..<Self.attemptLimit {
            rest = try attempt(rest, in: group.collection, of: rows, &verdicts)
            if rest.isEmpty { return }
        }
        throw .server(MongoServerError(code: 112, message: "another writer inserts the same entities again and again"))
    }

    /// Sends one bulk and notes the verdicts; gives the rows that must be sent again.
    private func attempt(
        _ places: [Int], in collection: String, of rows: [Row], _ verdicts: inout [SinkVerdict]
    ) throws(MongoError) -> [Int] {
        var unanswered = places
        for place in places
        where rows[place].batch.byteCount > Self.documentLimit && rows[place].contentSize > Self.documentLimit {
            verdicts[place] = .refused("the document is larger than the 16 MiB that MongoDB takes")
            unanswered.removeAll { $0 == place }
        }
        guard !unanswered.isEmpty else { return [] }
        let sent = unanswered
        let reply = try connected().update(collection, count: sent.count) { index, filter, update in
            rows[sent[index]].writeFilter(to: &filter)
            rows[sent[index]].writeUpdate(to: &update)
        }

        var again: [Int] = []
        var answered: Set<Int> = []
        for error in reply.documents("writeErrors") {
            let place = sent[Int(error.integer("index"))]
            answered.insert(place)
            if let refusal = try refusal(error) {
                verdicts[place] = refusal
            } else {
                again.append(place)
            }
        }
        // Verdicts are `.applied` from the start: an upserted row's stays.
        for upserted in reply.documents("upserted") { answered.insert(sent[Int(upserted.integer("index"))]) }
        unanswered.removeAll { answered.contains($0) }
        let modified = Int(reply.integer("nModified"))
        if modified < unanswered.count {
            try compare(unanswered, modified: modified, in: collection, of: rows, &verdicts)
        }
        return again
    }

    /// The verdict on a row that the server did not take; `nil` where it is to be sent again.
    private func refusal(_ reply: BSONDocument) throws(MongoError) -> SinkVerdict? {
        let error = MongoServerError(code: reply.integer("code"), message: reply.text("errmsg"))
        switch error.meaning {
        case .data:
            return .refused("MongoDB refuses the document by its error \(error.code); see the collection's validation")
        case .duplicateKey:
            let isOfEntity = reply.text("errmsg").contains("index: _id_ ")
            return isOfEntity ? nil : .refused("a unique index of the collection refuses the document")
        case .passing, .configuration: throw .server(error)
        }
    }

    /// Tells the rows that changed nothing from those that did, of which the server gives the number only.
    private func compare(
        _ places: [Int], modified: Int, in collection: String, of rows: [Row], _ verdicts: inout [SinkVerdict]
    ) throws(MongoError) {
        let stored = try storedVersions(of: places.map { rows[$0] }, in: collection)
        var modified = modified
        var newer: [Int] = []
        for place in places {
            let version = stored[rows[place].withEntity { Array($0) }]
            guard version == nil || version == Array(rows[place].version.description.utf8) else {
                newer.append(place)
                continue
            }
            // A row that is gone since (it expired) was there when it was compared.
            verdicts[place] = modified > 0 ? .applied : .duplicate
            modified -= 1
        }
        // Modifications left over were ours, and another writer has replaced them since.
        for place in newer {
            verdicts[place] = modified > 0 ? .applied : .stale
            modified -= 1
        }
    }

    /// The versions that a collection holds, by the bytes of the entity.
    private func storedVersions(of rows: [Row], in collection: String) throws(MongoError) -> [[UInt8]: [UInt8]] {
        var filter = BSONWriter()
        filter.begin()
        filter.begin("_id")
        filter.begin("$in", isArray: true)
        for (index, row) in rows.enumerated() { row.withEntity { filter.append("\(index)", $0) } }
        filter.end()
        filter.end()
        filter.end()
        var options = BSONWriter()
        options.begin()
        options.begin("projection")
        options.append("_v", true)
        options.end()
        options.end()
        var versions: [[UInt8]: [UInt8]] = [:]
        for document in try connected().find(collection, filter: filter, options: options) {
            guard case .text(let entity)? = document["_id"], case .text(let version)? = document["_v"] else { continue }
            versions[entity] = version
        }
        return versions
    }

    /// Has MongoDB delete documents once their `_expire_at` has passed.
    private func ensureExpiry(in collection: String) throws(MongoError) {
        guard !expiringCollections.contains(collection) else { return }
        var command = BSONWriter()
        command.begin()
        command.appendIndexCreation(in: collection, on: "_expire_at", name: "_expire_at_1") { index in
            index.append("expireAfterSeconds", Int64(0))
        }
        command.begin("writeConcern")
        command.append("w", "majority")
        command.append("wtimeout", configuration.timeout.nanoseconds / 2_000_000)
        command.end()
        command.end()
        try connected().command(command)
        expiringCollections.insert(collection)
    }

    // MARK: Connection and trouble

    private func connected() throws(MongoError) -> MongoClient {
        if interruption.isAsked.exchange(false, ordering: .relaxed) { throw .unreachable("interrupted") }
        if let client { return client }
        let opened = try MongoClient(configuration)
        client = opened
        return opened
    }

    /// Lets go of the client, since what it believes of its servers may be wrong now, and gives what to throw.
    private func trouble(_ error: MongoError) -> SinkTrouble {
        client = nil
        expiringCollections.removeAll()
        return SinkTrouble(error)
    }
}

/// Whether another thread asked the sink to end its call.
private final class Interruption: Sendable {
    let isAsked = Atomic<Bool>(false)
}

extension SinkTrouble {
    init(_ error: MongoError) {
        switch error {
        case .unreachable(let words): self = .unreachable("MongoDB: \(words)")
        case .misconfigured(let words): self = .misconfigured("MongoDB: \(words)")
        case .notDurable(let words): self = .notDurable("MongoDB: \(words)")
        case .tooLarge(let words): self = .batchRefused("MongoDB: \(words)")
        case .server(let error):
            let words = "MongoDB: error \(error.code): \(error.message)"
            switch error.meaning {
            case .passing, .duplicateKey: self = .overloaded(words)
            case .configuration: self = .misconfigured(words)
            case .data: self = .batchRefused(words)
            }
        }
    }
}
