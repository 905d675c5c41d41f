import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceMongo

/// What is particular to MongoDB, against a server of this suite's own.
@Suite(.serialized, .enabled(if: MongoServer.isAvailable, "mongod is not installed"))
struct MongoSinkTests {
    static let server = Result { try MongoServer.start() }

    let server: ServerProcess
    let store: MongoStore
    let rows: TestRows

    init() throws {
        server = try Self.server.get()
        store = MongoStore(server)
        rows = TestRows(
            FeatureVersion("trips_\(UInt32.random(in: .min ... .max))", 3), columns: ["city", "count", "ratio"])
    }

    private var collection: String { "\(rows.featureVersion.feature)_v3" }

    private func sink(timeout: Duration = .seconds(5)) -> MongoSink {
        var configuration = store.configuration
        configuration.timeout = timeout
        return MongoSink(configuration)
    }

    private func deliver(_ sink: MongoSink, _ rows: TestRow...) throws -> [SinkVerdict] {
        try sink.write(self.rows(rows), now: .now)
        return try sink.settle(flush: true).flatMap { $0 }
    }

    /// Has the server fail the next commands of a name in some way.
    private func fail(_ command: String, _ data: (inout BSONWriter) -> Void, times: Int64 = 1) throws {
        try store.command(database: "admin") { point in
            point.append("configureFailPoint", "failCommand")
            point.begin("mode")
            point.append("times", times)
            point.end()
            point.begin("data")
            point.begin("failCommands", isArray: true)
            point.append("0", command)
            point.end()
            data(&point)
            point.end()
        }
    }

    @Test func `a row is a document of typed columns, its version, and its times`() async throws {
        try await onThread {
            let expiry = EventTime(microseconds: 4_000_000_000_000_001)
            let row = TestRow(
                "a b|c", at: 1.000_9, ["city": "$Zürich", "count": -7, "ratio": 0.5], expiresAt: expiry)
            #expect(
                try deliver(sink(), row, TestRow("gone", at: -1_700_000_000.000_1, isDeleted: true)) == [
                    .applied, .applied,
                ])
            let documents = try store.find(collection)
            let expected: [(String, BSONDocument.Value)] = [
                ("_id", .text(Array("a b|c".utf8))), ("_v", .text(Array(row.version.description.utf8))),
                ("_event_time", .milliseconds(1_700_000_001_000)), ("_expire_at", .milliseconds(4_000_000_000_001)),
                ("city", .text(Array("$Zürich".utf8))), ("count", .integer(-7)), ("ratio", .double(0.5)),
            ]
            let found = try #require(documents.first { $0.text("_id") == "a b|c" }).fields
            #expect(found.map(\.name) == expected.map(\.0))
            #expect(found.map(\.value) == expected.map(\.1))
            let tombstone = try #require(documents.first { $0.text("_id") == "gone" })
            #expect(tombstone.fields.map(\.name) == ["_id", "_v", "_event_time", "_deleted"])
            // Rounded down, also before 1970.
            #expect(tombstone["_event_time"] == .milliseconds(-1))
        }
    }

    @Test func `a TTL index is made where rows expire, and only there`() async throws {
        try await onThread {
            let sink = sink()
            _ = try deliver(sink, TestRow("e", at: 1))
            #expect(try indexes() == ["_id_"])
            let late = EventTime(microseconds: 4_000_000_000_000_000)
            _ = try deliver(sink, TestRow("f", at: 1, expiresAt: late))
            _ = try deliver(sink, TestRow("g", at: 1, expiresAt: late))
            #expect(try indexes() == ["_id_", "_expire_at_1"])
        }
    }

    /// Has the server make an index as a person would.
    private func makeIndex(on field: String, name: String, _ options: (inout BSONWriter) -> Void) throws {
        try store.command { $0.appendIndexCreation(in: collection, on: field, name: name, options) }
    }

    private func indexes() throws -> [String] {
        let reply = try store.command { $0.append("listIndexes", collection) }
        guard case .document(let cursor)? = reply["cursor"] else { return [] }
        return cursor.documents("firstBatch").map { $0.text("name") }
    }

    @Test func `an index of the same name that says otherwise is a matter of configuration`() async throws {
        try await onThread {
            try makeIndex(on: "_expire_at", name: "_expire_at_1") { _ in }
            let late = EventTime(microseconds: 4_000_000_000_000_000)
            let found = try trouble { _ = try deliver(sink(), TestRow("f", at: 1, expiresAt: late)) }
            #expect(found?.kind == .misconfigured)
        }
    }

    @Test func `a document that is too large is refused, and the others land`() async throws {
        try await onThread {
            let large = String(repeating: "x", count: 16 << 20)
            let sink = sink()
            let verdicts = try deliver(
                sink, TestRow("e", at: 1), TestRow("large", at: 1, ["city": .text(large)]), TestRow("f", at: 1))
            #expect(
                verdicts == [.applied, .refused("the document is larger than the 16 MiB that MongoDB takes"), .applied])
            let justSmallEnough = TestRow("fits", at: 1, ["city": .text(String(large.dropLast(1000)))])
            #expect(try deliver(sink, justSmallEnough) == [.applied])
            #expect(Set(try store.find(collection).map { $0.text("_id") }) == ["e", "f", "fits"])
        }
    }

    @Test func `what a unique index refuses is refused by name`() async throws {
        try await onThread {
            try makeIndex(on: "city", name: "city") { $0.append("unique", true) }
            let verdicts = try deliver(
                sink(), TestRow("a", at: 1, ["city": "x"]), TestRow("b", at: 1, ["city": "x"]),
                TestRow("c", at: 1, ["city": "y"]))
            #expect(
                verdicts == [.applied, .refused("a unique index of the collection refuses the document"), .applied])
        }
    }

    @Test(arguments: [
        (Int64(11_600), SinkTrouble.Kind.overloaded), (10_107, .overloaded), (91, .overloaded), (189, .overloaded),
        (13, .misconfigured), (166, .misconfigured), (18, .misconfigured),
    ])
    func `an error of the whole command is trouble, and no verdict`(_ code: Int64, _ kind: SinkTrouble.Kind)
        async throws
    {
        try await onThread {
            let sink = sink()
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])
            try fail("update") { $0.append("errorCode", code) }
            let found = try trouble { _ = try deliver(sink, TestRow("e", at: 2)) }
            #expect(found?.kind == kind)
            #expect(try deliver(sink, TestRow("e", at: 2)) == [.applied])
        }
    }

    @Test func `a write concern that fails is not durable, and the rows are duplicates afterwards`() async throws {
        try await onThread {
            let sink = sink()
            try fail("update") { data in
                data.begin("writeConcernError")
                data.append("code", Int64(64))
                data.append("errmsg", "waiting for replication timed out")
                data.end()
            }
            let found = try trouble { _ = try deliver(sink, TestRow("e", at: 1)) }
            #expect(found == .notDurable("MongoDB: waiting for replication timed out"))
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.duplicate])
        }
    }

    @Test func `a connection that the server closes is unreachable, and opened anew`() async throws {
        try await onThread {
            let sink = sink()
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])
            try fail("update") { $0.append("closeConnection", true) }
            let found = try trouble { _ = try deliver(sink, TestRow("e", at: 2)) }
            #expect(found?.kind == .unreachable)
            #expect(try deliver(sink, TestRow("e", at: 2)) == [.applied])
        }
    }

    @Test func `counts are exact when a bulk holds new, newer, equal and older rows`() async throws {
        try await onThread {
            let sink = sink()
            _ = try deliver(sink, TestRow("newer", at: 1), TestRow("equal", at: 1), TestRow("older", at: 2))
            let verdicts = try deliver(
                sink, TestRow("new", at: 1), TestRow("newer", at: 2), TestRow("equal", at: 1), TestRow("older", at: 1))
            #expect(verdicts[0] == .applied)
            #expect(Set(verdicts[1...2]) == [.applied, .duplicate])
            #expect(verdicts[3] == .stale)
        }
    }

    @Test func `a frozen server is unreachable within the time-out, and met again`() async throws {
        try await onThread {
            let sink = sink(timeout: .milliseconds(400))
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])
            server.stop()
            defer { server.resume() }
            let clock = ContinuousClock()
            let start = clock.now
            for _ in 0..<2 {
                let found = try trouble { _ = try deliver(sink, TestRow("e", at: 2)) }
                #expect(found?.kind == .unreachable)
            }
            let elapsed = clock.now - start
            #expect(elapsed < .seconds(4))
            server.resume()
            try waitUntil("the sink recovers") { try trouble { _ = try deliver(sink, TestRow("e", at: 3)) } == nil }
            #expect(try deliver(sink, TestRow("e", at: 2)) == [.stale])
        }
    }

    @Test func `an interruption ends a write before its next request`() async throws {
        try await onThread {
            let sink = sink()
            let interrupter = sink.interrupter
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])
            interrupter.interrupt()
            let found = try trouble { _ = try deliver(sink, TestRow("e", at: 2)) }
            #expect(found == .unreachable("MongoDB: interrupted"))
            #expect(try deliver(sink, TestRow("e", at: 2)) == [.applied])
        }
    }

    @Test(arguments: ["mongodb://user:s3cret@127.0.0.1:", "mongodb://us%er:s3cret@", "http://s3cret:"])
    func `credentials and URIs that are wrong are a matter of configuration, and not repeated`(
        _ start: String
    ) async throws {
        try await onThread {
            let uri = Secret("\(start)\(server.port)/?authSource=admin")
            let sink = MongoSink(MongoSinkConfiguration(uri: uri, database: MongoStore.database))
            let found = try trouble { _ = try deliver(sink, TestRow("e", at: 1)) }
            #expect(found?.kind == .misconfigured)
            #expect(found?.reason.contains("s3cret") == false)
        }
    }

    @Test func `writers that race leave the greatest of each entity, and count every row once`() async throws {
        let writers = 4
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    try await onThread {
                        let sink = sink()
                        var applied = 0
                        for round in 0..<25 {
                            // Entities that no one has written yet, so that inserts race too.
                            let batch = (0..<20).map { place in
                                TestRow(
                                    "e\(place + round / 5 * 20)", at: Double(round), ["count": .integer(Int64(writer))],
                                    offset: UInt64(writer))
                            }
                            try sink.write(rows(batch), now: .now)
                            applied += try sink.settle(flush: true).joined().count { $0 == .applied }
                        }
                        return applied
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect((500...500 * writers).contains(applied))
        let state = try await onThread { try store.state(of: rows.featureVersion) }
        #expect(state.count == 100)
        #expect(state.allSatisfy { $0.values == ["count": 3] })
    }
}
