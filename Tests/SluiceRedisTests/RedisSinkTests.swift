import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceRedis

/// What is particular to Redis, against servers of this suite's own.
@Suite(.serialized, .enabled(if: RedisServer.isAvailable, "redis-server is not installed"))
struct RedisSinkTests {
    static let rows = TestRows(FeatureVersion("trips", 3), columns: ["city", "count", "ratio"])

    private func sink(
        _ store: RedisStore, durability: RedisSinkConfiguration.Durability = .memory, timeout: Duration = .seconds(5)
    ) -> RedisSink {
        RedisSink(RedisSinkConfiguration(address: store.address, durability: durability, timeout: timeout))
    }

    private func deliver(_ sink: RedisSink, _ rows: TestRow...) throws -> [SinkVerdict] {
        try sink.write(Self.rows(rows), now: .now)
        return try sink.settle(flush: true).flatMap { $0 }
    }

    @Test func `a row is a hash of its columns, its version, and an expiry that is rounded up`() async throws {
        try await onThread {
            let store = try RedisStore(RedisServer.start())
            let sink = sink(store)
            let expiry = EventTime(microseconds: 4_000_000_000_000_001)
            let row = TestRow(
                "a b|c", at: 1, ["city": "Zürich", "count": -7, "ratio": 0.1], expiresAt: expiry)
            #expect(try deliver(sink, row) == [.applied])
            let key = "trips:3:{a b|c}"
            #expect(
                try store.call("HGETALL", key)
                    == .array(
                        ["_v", row.version.description, "city", "Zürich", "count", "-7", "ratio", "0.1"].map {
                            .text(Array($0.utf8))
                        }))
            #expect(try store.call("PEXPIRETIME", key) == .integer(4_000_000_000_001))
            #expect(try store.call("OBJECT", "ENCODING", key).string == "listpack")

            #expect(try deliver(sink, TestRow("a b|c", at: 2, ["city": "x"], isDeleted: true)) == [.applied])
            #expect(try store.call("HKEYS", key) == .array(["_v", "_deleted"].map { .text(Array($0.utf8)) }))
            #expect(try store.call("PTTL", key) == .integer(-1))
        }
    }

    @Test func `a hash that no version guards is replaced whole`() async throws {
        try await onThread {
            let store = try RedisStore(RedisServer.start())
            try store.call("HSET", "trips:3:{e}", "foreign", "1", "city", "old")
            #expect(try deliver(sink(store), TestRow("e", at: 1, ["count": 1])) == [.applied])
            #expect(try store.call("HKEYS", "trips:3:{e}") == .array(["_v", "count"].map { .text(Array($0.utf8)) }))
        }
    }

    @Test func `a flushed script cache costs nothing but a resend`() async throws {
        try await onThread {
            let store = try RedisStore(RedisServer.start())
            let sink = sink(store)
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])
            try store.call("SCRIPT", "FLUSH")
            let first = (0..<600).map { TestRow("e\($0)", at: 1) }
            try sink.write(Self.rows(first), now: .now)
            try sink.write(Self.rows(TestRow("e0", at: 1), TestRow("e1", at: 2)), now: .now)
            let answers = try sink.settle(flush: true)
            #expect(answers.map(\.count) == [600, 2])
            // Every row was applied once, whichever batch was resent first.
            #expect(answers.joined().count { $0 == .applied } == 601)
            #expect(answers.joined().count { $0 == .duplicate } == 1)
            #expect(try store.call("DBSIZE") == .integer(601))
        }
    }

    @Test func `a frozen server is unreachable within the time-out, and met again`() async throws {
        try await onThread {
            let server = try RedisServer.start()
            let sink = sink(RedisStore(server), timeout: .milliseconds(300))
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])
            server.stop()
            let clock = ContinuousClock()
            let elapsed = try clock.measure {
                let found = try trouble { _ = try deliver(sink, TestRow("e", at: 2)) }
                #expect(found?.kind == .unreachable)
                #expect(try #require(found).reason.contains("no answer within"))
            }
            #expect(elapsed < .seconds(3))
            // Now the connection has to be opened, which a frozen server does not hinder, and then answers nothing.
            #expect(try trouble { _ = try deliver(sink, TestRow("e", at: 2)) } != nil)
            server.resume()
            try waitUntil("the sink recovers") { try trouble { _ = try deliver(sink, TestRow("e", at: 3)) } == nil }
            #expect(try deliver(sink, TestRow("e", at: 2)) == [.stale])
        }
    }

    @Test func `an interruption ends a wait at once`() async throws {
        let server = try await onThread { try RedisServer.start() }
        let interrupter = Handover<SinkInterrupter>()
        async let waiting = onThread {
            let sink = sink(RedisStore(server), timeout: .seconds(120))
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])
            server.stop()
            try sink.write(Self.rows(TestRow("e", at: 2)), now: .now)
            interrupter.give(sink.interrupter)
            return try trouble { _ = try sink.settle(flush: true) }
        }
        let interrupt = try await onThread { try interrupter.take() }
        interrupt.interrupt()
        #expect(try await waiting?.kind == .unreachable)
    }

    @Test func `a server that closes under outstanding batches raises no signal`() async throws {
        try await onThread {
            let server = try RedisServer.start()
            let sink = sink(RedisStore(server))
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])
            server.kill()
            // The first write may still find room in the socket; the next ones meet the closed end.
            for time in 2..<6 {
                #expect(try trouble { _ = try deliver(sink, TestRow("e", at: Double(time))) } != nil)
            }
        }
    }

    @Test func `a full server is overloaded, and takes no content away`() async throws {
        try await onThread {
            let store = try RedisStore(RedisServer.start())
            let sink = sink(store)
            let before = TestRow("e", at: 1, ["city": "x", "count": 1])
            #expect(try deliver(sink, before) == [.applied])
            try store.call("CONFIG", "SET", "maxmemory", "1")
            let found = try trouble { _ = try deliver(sink, TestRow("e", at: 2, ["count": 2])) }
            #expect(found?.kind == .overloaded)
            #expect(try #require(found).reason.contains("OOM"))
            let held = StoredRow(
                entity: "e", version: before.version.description, isDeleted: false,
                values: ["city": "x", "count": "1"])
            #expect(try store.state(of: Self.rows.featureVersion) == [held])
            try store.call("CONFIG", "SET", "maxmemory", "0")
            #expect(try deliver(sink, TestRow("e", at: 2, ["count": 2])) == [.applied])
        }
    }

    @Test func `a busy server is overloaded`() async throws {
        try await onThread {
            let store = try RedisStore(RedisServer.start(arguments: ["--busy-reply-threshold", "50"]))
            let (admin, other) = (try store.connect(), try store.connect())
            // A script of another client that does not end by itself.
            var endless = RESPBuffer()
            endless.append(command: ["EVAL", "while true do end", "0"])
            try other.send(endless.bytes)
            try waitUntil("the server is busy") {
                if case .error(let error) = try admin.call([["PING"]])[0] { error.code == "BUSY" } else { false }
            }
            let found = try trouble { _ = try deliver(sink(store), TestRow("e", at: 1)) }
            #expect(found?.kind == .overloaded)
            // The script ends some steps after the answer that it will.
            _ = try admin.call("SCRIPT", "KILL")
            try waitUntil("the script has ended") {
                if case .error = try admin.call([["PING"]])[0] { false } else { true }
            }
            #expect(try deliver(sink(store), TestRow("e", at: 1)) == [.applied])
        }
    }

    @Test func `a replica is overloaded, since a primary is on its way`() async throws {
        try await onThread {
            let store = try RedisStore(RedisServer.start())
            let sink = sink(store)
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])
            try store.call("REPLICAOF", "127.0.0.1", "1")
            let found = try trouble { _ = try deliver(sink, TestRow("e", at: 2)) }
            #expect(found?.kind == .overloaded)
            #expect(try #require(found).reason.contains("READONLY"))
            try store.call("REPLICAOF", "NO", "ONE")
            #expect(try deliver(sink, TestRow("e", at: 2)) == [.applied])
        }
    }

    @Test(arguments: [
        (["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"], "maxmemory-policy allkeys-lru"),
        (["--maxmemory", "100mb", "--maxmemory-policy", "noeviction"], nil),
        (["--maxmemory-policy", "allkeys-lru"], nil),
    ])
    func `a server that may evict keys is warned of`(arguments: [String], words: String?) async throws {
        try await onThread {
            let store = try RedisStore(RedisServer.start(arguments: arguments))
            let sink = RedisSink(RedisSinkConfiguration(address: store.address))
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])
            if let words {
                #expect(try #require(sink.warning).contains(words))
            } else {
                #expect(sink.warning == nil)
            }
        }
    }

    @Test func `credentials, rights and databases that are wrong are a matter of configuration`() async throws {
        try await onThread {
            let store = try RedisStore(RedisServer.start(arguments: ["--requirepass", "s3cret", "--databases", "2"]))
            var address = store.address
            let cases: [(Secret?, String?, Int)] = [
                (nil, nil, 0), (Secret("wrong"), nil, 0), (Secret("s3cret"), "nobody", 0), (Secret("s3cret"), nil, 2),
            ]
            for (password, user, database) in cases {
                (address.password, address.user, address.database) = (password, user, database)
                let sink = RedisSink(RedisSinkConfiguration(address: address))
                let found = try trouble { _ = try deliver(sink, TestRow("e", at: 1)) }
                #expect(found?.kind == .misconfigured)
                #expect(found?.reason.contains("s3cret") == false && found?.reason.contains("wrong") == false)
            }
            (address.password, address.user, address.database) = (Secret("s3cret"), "default", 1)
            let sink = RedisSink(RedisSinkConfiguration(address: address))
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])

            let admin = try RedisConnection(
                to: address, connectTimeout: .seconds(5), timeout: .seconds(5), socket: RedisSocket())
            _ = try admin.call("ACL", "SETUSER", "limited", "on", ">pw", "~other:*", "+@all")
            (address.password, address.user) = (Secret("pw"), "limited")
            let limited = RedisSink(RedisSinkConfiguration(address: address))
            let found = try trouble { _ = try deliver(limited, TestRow("e", at: 1)) }
            #expect(found?.kind == .misconfigured)
            #expect(try #require(found).reason.contains("NOPERM"))
        }
    }

    @Test func `a cluster is said to be unsupported`() async throws {
        try await onThread {
            let store = try RedisStore(RedisServer.start(arguments: ["--cluster-enabled", "yes"]))
            let found = try trouble { _ = try deliver(sink(store), TestRow("e", at: 1)) }
            #expect(found?.kind == .misconfigured)
            #expect(try #require(found).reason.contains("Redis Cluster is not supported in this release"))
        }
    }

    @Test func `rows are durable only when enough replicas have them, also when they are written again`() async throws {
        try await onThread {
            let primary = try RedisServer.start()
            let replica = try RedisServer.start(arguments: ["--replicaof", "127.0.0.1 \(primary.port)"])
            try waitUntil("the replica follows") {
                try RedisStore(replica).call("INFO", "replication").string!.contains("master_link_status:up")
            }
            let sink = sink(RedisStore(primary), durability: .replicated(1), timeout: .milliseconds(600))
            try waitUntil("the primary counts its replica") {
                try trouble { _ = try deliver(sink, TestRow("first", at: 1)) } == nil
            }
            replica.stop()
            for _ in 0..<2 {
                let found = try trouble { _ = try deliver(sink, TestRow("e", at: 1)) }
                #expect(found?.kind == .notDurable)
            }
            replica.resume()
            try waitUntil("the replica catches up") {
                try trouble { _ = try deliver(sink, TestRow("e", at: 1)) } == nil
            }
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.duplicate])
            let two = self.sink(RedisStore(primary), durability: .replicated(2), timeout: .milliseconds(200))
            let found = try trouble { _ = try deliver(two, TestRow("e", at: 2)) }
            #expect(found?.kind == .notDurable)
            #expect(try #require(found).reason.contains("1 of 2 replicas"))
        }
    }

    @Test func `a unix socket serves as well`() async throws {
        try await onThread {
            let server = try RedisServer.start(arguments: ["--unixsocket", "redis.sock"])
            let sink = RedisSink(
                RedisSinkConfiguration(address: RedisAddress(.unixSocket(path: "\(server.folder)/redis.sock"))))
            #expect(try deliver(sink, TestRow("e", at: 1)) == [.applied])
        }
    }

    @Test func `nothing listens is unreachable at once, and names the address`() async throws {
        try await onThread {
            let server = try RedisServer.start()
            let store = RedisStore(server)
            server.kill()
            let found = try trouble { _ = try deliver(sink(store), TestRow("e", at: 1)) }
            #expect(found?.kind == .unreachable)
            #expect(found?.reason == "redis://127.0.0.1:\(server.port)/0: Connection refused")
        }
    }

    @Test func `writers that race leave the greatest of each entity, and count every row once`() async throws {
        let server = try await onThread { try RedisServer.start() }
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    try await onThread {
                        let sink = sink(RedisStore(server))
                        var applied = 0
                        for round in 0..<50 {
                            let batch = (0..<20).map {
                                TestRow(
                                    "e\($0)", at: Double(round), ["count": .integer(Int64(writer))],
                                    offset: UInt64(writer))
                            }
                            try sink.write(Self.rows(batch), now: .now)
                            applied += try sink.settle(flush: true).joined().count { $0 == .applied }
                        }
                        return applied
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect((20 * 50...20 * 50 * 4).contains(applied))
        let state = try await onThread { try RedisStore(server).state(of: Self.rows.featureVersion) }
        #expect(state.count == 20)
        #expect(state.allSatisfy { $0.values == ["count": "3"] })
    }
}
