import Foundation
import SluiceTesting
import Testing

/// A run that goes on: it takes what comes, soon, and in the right order.
@Suite(.serialized) struct FollowTests {
    private func stage(rate: String? = nil, lanes: [String] = ["realtime"]) async throws -> (FileStage, ServerProcess) {
        let stage = try FileStage()
        let redis = try await onThread { try RedisServer.start() }
        try stage.writeService()
        let limit = rate.map { "rate: \($0)\n" } ?? ""
        try stage.write("sinks/online.yaml", "kind: redis\nurl: redis://127.0.0.1:\(redis.port)/0\n\(limit)")
        try stage.writeFeature("rides", sinks: "online", lanes: lanes)
        return (stage, redis)
    }

    private func sees(_ redis: ServerProcess, _ entity: String, n: Int, _ what: String) async throws {
        try await eventually(what, within: .seconds(10)) {
            try await redis.answer("hget", "rides:1:{\(entity)}", "n") == "\(n)"
        }
    }

    @Test func `what files gain, what replaces them and what appears beside them is in Redis soon`() async throws {
        let (stage, redis) = try await stage()
        let folder = "\(stage.folder)/data/rides/realtime"
        try stage.write("data/rides/realtime/1.ndjson", record("a", at: 1, n: 1))
        let run = try await stage.startRun()
        try await sees(redis, "a", n: 1, "the first row is there")

        try stage.append("data/rides/realtime/1.ndjson", record("a", at: 2, n: 2) + record("b", at: 2, n: 2))
        try await sees(redis, "b", n: 2, "the second of two appended rows is there")
        try await sees(redis, "a", n: 2, "the first of them is there")

        // A line comes in two pieces; a row that comes later by another file shows that the first was not taken.
        let line = record("a", at: 3, n: 3)
        try stage.append("data/rides/realtime/1.ndjson", String(line.prefix(12)))
        try stage.write("data/rides/realtime/2.ndjson", record("c", at: 3, n: 3))
        try await sees(redis, "c", n: 3, "a row of a new file is there")
        #expect(try await redis.answer("hget", "rides:1:{a}", "n") == "2")
        try stage.append("data/rides/realtime/1.ndjson", String(line.dropFirst(12)))
        try await sees(redis, "a", n: 3, "the line that was completed is there")

        try stage.write("replacement", record("a", at: 4, n: 4) + record("d", at: 4, n: 4))
        #expect(rename("\(stage.folder)/replacement", "\(folder)/1.ndjson") == 0)
        try await sees(redis, "d", n: 4, "the last row of a file that replaces one is there")
        try await sees(redis, "a", n: 4, "the first row of it is there")

        try stage.write("data/rides/realtime/_hidden.ndjson", record("hidden", at: 5, n: 5))
        try stage.write("archive", record("e", at: 5, n: 5) + record("f", at: 5, n: 5))
        try await Command("/bin/gzip", ["\(stage.folder)/archive"]).run().expectSuccess()
        #expect(rename("\(stage.folder)/archive.gz", "\(folder)/3.ndjson.gz") == 0)
        try await sees(redis, "f", n: 5, "the last row of an archive is there")
        try await sees(redis, "e", n: 5, "the first row of it is there")
        #expect(try await redis.answer("exists", "rides:1:{hidden}") == "0")

        run.signal(SIGTERM)
        try await run.ended().expectSuccess()
        let rest = try await stage.drain()
        try rest.expectSuccess()
        #expect(try rest.json.counter("records", of: "rides") == 0, "all was settled, and nothing is read twice")
    }

    @Test func `realtime rows overtake a bootstrap backlog at a low rate`() async throws {
        let (stage, redis) = try await stage(rate: "200/s", lanes: ["realtime", "bootstrap"])
        let backlog = 20_000
        try stage.write("data/rides/bootstrap/1.ndjson", (0..<backlog).map { record("r\($0)", n: $0) }.joined())
        try stage.write("data/rides/realtime/1.ndjson", record("first", n: 1))
        let run = try await stage.startRun()
        try await sees(redis, "r50", n: 50, "the bootstrap is under way")
        // Each is written when the one before has appeared, so that each of them meets the backlog.
        for number in 1...10 {
            try stage.append("data/rides/realtime/1.ndjson", record("fresh\(number)", n: number))
            try await sees(redis, "fresh\(number)", n: number, "a realtime row is there")
        }
        // Newer than a row of the backlog that was not written yet: the late one must not win.
        try stage.append("data/rides/realtime/1.ndjson", record("r\(backlog - 1)", at: 1, n: -1))
        try await sees(redis, "r\(backlog - 1)", n: -1, "a realtime row of an entity of the backlog is there")
        #expect(try await redis.answer("exists", "rides:1:{r\(backlog - 2)}") == "0", "the backlog is not done")

        run.signal(SIGTERM)
        try await run.ended().expectSuccess()
        try stage.write("sinks/online.yaml", "kind: redis\nurl: redis://127.0.0.1:\(redis.port)/0\n")
        try await stage.drain().expectSuccess()
        #expect(try await redis.answer("hget", "rides:1:{r\(backlog - 2)}", "n") == "\(backlog - 2)")
        #expect(try await redis.answer("hget", "rides:1:{r\(backlog - 1)}", "n") == "-1")
    }
}
