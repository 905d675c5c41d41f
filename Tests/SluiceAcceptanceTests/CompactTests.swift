import Foundation
import SluiceTesting
import Testing

/// `sluice compact`: the newest row of each entity, of a history.
@Suite(.serialized) struct CompactTests {
    /// The shipped configuration with the lake as its only sink.
    private func drainedLake(seed: UInt64) async throws -> FileStage {
        let stage = try FileStage()
        try FileManager.default.copyItem(atPath: "\(Repository.root)/config", toPath: "\(stage.folder)/config")
        for name in ["rider_activity", "driver_status", "zone_demand"] {
            let path = "config/features/\(name).yaml"
            try stage.write(path, try stage.text(path).replacing("[online, profiles, lake]", with: "[lake]"))
        }
        try stage.writeLake()
        try await stage.generate(rows: 6000, seed: seed)
        try await stage.drain().expectSuccess("seed \(seed)")
        return stage
    }

    @Test func `the view holds the greatest version of each entity, and nothing else`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let stage = try await drainedLake(seed: seed)
        for name in ["rider_activity", "driver_status", "zone_demand"] {
            let compacted = try await stage.sluice("compact", name, "--json")
            try compacted.expectSuccess("seed \(seed)")
            let compared = try await Command(
                Repository.python,
                [Repository.readSinks, "view", name, "--lake", "\(stage.folder)/lake"]
                    + (name == "rider_activity" ? ["--retention-days", "30"] : [])
            ).run()
            try compared.expectSuccess("seed \(seed)")
            let said = try compacted.json
            #expect(
                compared.output
                    == "\(try said["entities"].integer) entities, \(try said["tombstones"].integer) deleted\n")
            #expect(try said["rows"].integer == (try stage.lakeRows(name)))
            #expect(try said["version"].integer == 1)
            #expect(try said["sink"].text == "lake")
            #expect(try FileManager.default.fileExists(atPath: "\(stage.folder)/\(said["path"].text)"))
        }
        #expect(try stage.text("lake/rider_activity/v1/latest/latest.ndjson").contains(#""_deleted":true"#))
    }

    @Test func `it says in one line what it did, and again after more was written`() async throws {
        let stage = try FileStage()
        try stage.writeService()
        try stage.writeLake()
        try stage.writeFeature("rides", sinks: "lake")
        try stage.write("data/rides/realtime/1.ndjson", record("a", at: 1) + record("b", at: 1) + record("a", at: 2))
        try await stage.drain().expectSuccess()
        let first = try await stage.sluice("compact", "rides")
        try first.expectSuccess()
        #expect(first.output.hasPrefix("rides v1 in lake: 3 rows of 1 segment"))
        #expect(first.output.contains(" 2 entities "))
        #expect(first.output.hasSuffix("lake/rides/v1/latest/latest.ndjson\n"))

        // While a run writes.
        try stage.append("data/rides/realtime/1.ndjson", record("c", at: 3, n: 3))
        let run = try await stage.startRun()
        try await eventually("the row is written") { try stage.lakeRows("rides") == 4 }
        try await stage.sluice("compact", "rides", "--version", "1", "--sink", "lake").expectSuccess()
        let view = try stage.text("lake/rides/v1/latest/latest.ndjson")
        #expect(view.contains(#""id":"c","at":1700000000003,"n":3"#))
        #expect(view.split(separator: "\n").count == 5)
        run.signal(SIGTERM)
        try await run.ended().expectSuccess()
    }

    @Test func `what cannot be compacted is said, with the names that can`() async throws {
        let stage = try FileStage()
        try stage.writeService()
        try stage.writeLake()
        try stage.write("sinks/attic.yaml", "kind: file\npath: ../attic\n")
        try stage.write("sinks/online.yaml", "kind: redis\nurl: redis://127.0.0.1:1/0\n")
        try stage.writeFeature("rides", sinks: "lake, attic")
        try stage.writeFeature("trips", sinks: "online")
        try await stage.sluice("compact", "nothing").expectFailure(78, "no feature 'nothing'", "rides, trips")
        try await stage.sluice("compact", "trips").expectFailure(78, "trips v1 writes to no file sink")
        try await stage.sluice("compact", "rides").expectFailure(78, "--sink", "attic", "lake")
        try await stage.sluice("compact", "rides", "--sink", "lake").expectFailure(1, "holds nothing of rides v1")
        try await stage.sluice("compact", "rides", "--version", "9", "--sink", "lake")
            .expectFailure(1, "holds nothing of rides v9")
    }
}
