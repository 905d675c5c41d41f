import Foundation
import SluiceTesting
import Testing

/// A sink that hangs or is down: the others do not wait for it, and in the end it holds what they hold.
@Suite(.serialized) struct IsolationTests {
    private static let rows = 6000

    private func stage(isDurable: Bool = false, rates: [String: String] = [:], seed: UInt64) async throws -> Stage {
        let stage = try await Stage(isDurable: isDurable)
        try stage.copyShippedConfiguration(rates: rates)
        try await stage.generate(rows: Self.rows, seed: seed)
        return stage
    }

    @Test(arguments: ["online", "profiles"])
    func `the other sinks finish while one hangs, and it catches up`(hanging: String) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let stage = try await stage(seed: seed)
        let server = hanging == "online" ? stage.redis : stage.mongo
        server.stop()
        let run = try await stage.startRun("--drain", "--json")
        // The progress of a drain tells which sinks are done.
        let others = ["online", "profiles", "lake"].filter { $0 != hanging }
        try await eventually("the others are done, seed \(seed)") {
            let progress = run.errors.split(separator: "\n").last { $0.contains(" · ") } ?? ""
            return others.allSatisfy { progress.contains("\($0) done, ") }
        }
        #expect(run.isRunning && !run.errors.contains("\(hanging) done"))
        server.resume()
        let ended = try await run.ended()
        try ended.expectSuccess("seed \(seed)")
        try await stage.verify(run: ended.output).expectSuccess("seed \(seed)")
    }

    @Test func `servers that are down at the start are tried until they are there`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let stage = try await stage(seed: seed)
        for server in [stage.redis, stage.mongo] { await onThread { server.kill() } }
        let run = try await stage.startRun("--drain", "--json")
        try await eventually("both are said to be in trouble, seed \(seed)") {
            let troubled = run.errors.split(separator: "\n").filter { $0.contains("the sink is in trouble; retrying") }
            return ["online", "profiles"].allSatisfy { name in troubled.contains { $0.contains("sink=\(name)") } }
        }
        for server in [stage.redis, stage.mongo] { try await onThread { try server.restart() } }
        let ended = try await run.ended()
        try ended.expectSuccess("seed \(seed)")
        #expect(ended.errors.contains("the sink takes rows again"))
        try await stage.verify(run: ended.output).expectSuccess("seed \(seed)")
    }

    @Test func `servers that are killed and started again in the midst end in the same state`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let stage = try await stage(isDurable: true, rates: ["online": "1000/s", "profiles": "1000/s"], seed: seed)
        let run = try await stage.startRun("--drain", "--json")
        for _ in 1...2 {
            let before = try await stage.redisWrites()
            try await eventually("rows are in flight, seed \(seed)") { try await stage.redisWrites() > before }
            for server in [stage.redis, stage.mongo] { try await onThread { try server.restart() } }
        }
        #expect(run.isRunning, "the kills came in its midst, seed \(seed)")
        let ended = try await run.ended()
        try ended.expectSuccess("seed \(seed)")
        try await stage.verify(run: ended.output).expectSuccess("seed \(seed)")
    }
}
