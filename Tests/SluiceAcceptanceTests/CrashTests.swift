import Foundation
import SluiceCore
import SluiceTesting
import Testing

/// A run that is killed without warning, and another one that goes on: nothing is lost, nothing is torn.
@Suite(.serialized) struct CrashTests {
    @Test func `killed at twenty moments while rows are in flight, it ends in the same state`() async throws {
        let stage = try await Stage()
        let seed = UInt64.random(in: 0...UInt64.max)
        // Each sink is written some 40,000 rows, and so is busy for over thirty seconds.
        try stage.copyShippedConfiguration(rates: ["online": "1200/s", "profiles": "1200/s", "lake": "1200/s"])
        try await stage.generate(rows: 40_000, seed: seed)
        var random = SeededGenerator(seed: seed)
        for number in 1...20 {
            let run = try Command(Repository.sluice, ["run", "--config", stage.configuration])
            try run.start()
            let before = try await stage.redisWrites()
            try await eventually("rows are written, seed \(seed), run \(number)") {
                try await stage.redisWrites() > before
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...1500, using: &random)))
            let atKill = try await stage.redisWrites()
            try await eventually("rows are in flight, seed \(seed), run \(number)") {
                try await stage.redisWrites() > atKill
            }
            run.signal(SIGKILL)
            let ended = try await run.ended()
            #expect(ended.wasKilled, "it ran until it was killed: \(ended.errors)")
        }
        try stage.copyRates([:])
        try await stage.drain().expectSuccess("seed \(seed)")
        try await stage.verify().expectSuccess("seed \(seed)")
    }

    @Test(arguments: FaultPoint.allCases)
    func `killed at a fault point, it ends in the same state`(point: FaultPoint) async throws {
        let stage = try await Stage()
        let seed = UInt64.random(in: 0...UInt64.max)
        try stage.copyShippedConfiguration()
        try await stage.generate(rows: 4000, seed: seed)
        for _ in 1...2 {
            let crashed = try await stage.drain(crashAt: point.rawValue)
            #expect(
                crashed.wasKilled && crashed.status == SIGKILL, "seed \(seed): \(point) is passed: \(crashed.errors)")
        }
        try await stage.drain().expectSuccess("seed \(seed)")
        try await stage.verify().expectSuccess("seed \(seed)")
    }
}

extension Stage {
    /// Commands that the Redis sink's server has been given to write with.
    func redisWrites() async throws -> Int {
        let stats = try await Command("/usr/bin/redis-cli", ["-p", "\(redis.port)", "info", "commandstats"]).run()
        let line = stats.output.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_hset:calls=") }
        return line.flatMap { Int($0.dropFirst("cmdstat_hset:calls=".count).prefix { $0.isNumber }) } ?? 0
    }

    /// Gives the sinks other rates.
    func copyRates(_ rates: [String: String]) throws {
        for folder in ["config", "sinks"] { try FileManager.default.removeItem(atPath: "\(self.folder)/\(folder)") }
        try copyShippedConfiguration(rates: rates)
    }
}
