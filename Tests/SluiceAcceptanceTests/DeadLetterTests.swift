import Foundation
import SluiceTesting
import Testing

/// Records and rows that are refused: looked at, mended, tried again, discarded.
@Suite(.serialized) struct DeadLetterTests {
    private static let sinks = "online, profiles, lake"
    private static let mended = "SELECT id, coalesce(at, seen_at) AS at, n FROM events"

    /// Good records, two without an event time, which a better SQL mends, and one that nothing mends.
    private func stageWithLetters() async throws -> Stage {
        let stage = try await Stage()
        try stage.writeService()
        try stage.writeSinks()
        try stage.writeFeature("rides", sinks: Self.sinks)
        var records = (0..<20).map { record("r\($0)") }
        records[4] = #"{"id":"late","seen_at":1700000000004,"n":4}"# + "\n"
        records[9] = "no JSON: \u{1}\n"
        records[14] = #"{"id":"r0","at":null,"seen_at":1700000000009,"n":9}"# + "\n"
        try stage.write("data/rides/realtime/1.ndjson", records.joined())
        return stage
    }

    private func letters(_ stage: Stage, _ more: String...) async throws -> [JSON] {
        let listed = try await Command(
            Repository.sluice, ["dead-letters", "list", "--json", "--config", stage.configuration] + more
        ).run()
        try listed.expectSuccess()
        return try listed.jsonLines
    }

    /// What the three sinks hold of an entity in one column; integers as text.
    private func values(_ stage: Stage, _ entity: String, _ column: String) async throws -> [String?] {
        let contents = try await stage.contents(of: "rides")
        return try ["online", "profiles", "lake"].map { sink in
            guard try contents[sink].names.contains(entity) else { return nil }
            return try contents[sink][entity]["columns"][column].plain
        }
    }

    @Test func `refused records are listed once, and land in all sinks when their cause is mended`() async throws {
        let stage = try await stageWithLetters()
        let first = try await stage.drain()
        try first.expectSuccess()
        for sink in ["online", "profiles", "lake"] {
            #expect(try first.json.counter("refused", of: "rides", in: sink) == 3)
            #expect(try first.json.counter("applied", of: "rides", in: sink) <= 17)
        }

        let found = try await letters(stage)
        #expect(try found.map { try $0["reason"].text } == ["bad_event_time", "unreadable", "bad_event_time"])
        #expect(try found[1]["record"].text == "no JSON: \u{1}")
        #expect(try found[2]["record"].text == #"{"id":"r0","at":null,"seen_at":1700000000009,"n":9}"#)
        for letter in found {
            #expect(try letter["feature"].text == "rides" && letter["version"].integer == 1)
            #expect(try letter["lane"].text == "realtime" && !letter["detail"].text.isEmpty)
            #expect(try letter["config_hash"].text == first.json["config_hash"].text)
        }
        let positions = try found.map { try $0["position"].text }
        #expect(Set(positions).count == 3 && positions.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{20}/) != nil })
        let text = try await stage.sluice("dead-letters", "list")
        #expect(text.output.hasPrefix("rides v1: 2 letters, bad_event_time\nrides v1: 1 letter, unreadable\n"))
        #expect(text.output.contains("realtime \(positions[1]): unreadable"))
        #expect(text.output.contains("no JSON: ·\n"), "control characters do not reach the terminal")
        #expect(try await letters(stage, "--reason", "unreadable").count == 1)
        #expect(try await letters(stage, "--feature", "trips").isEmpty)
        #expect(try await letters(stage, "--limit", "2").count == 2)

        try stage.writeFeature("rides", sinks: Self.sinks, sql: Self.mended)
        let asked = try await stage.sluice("dead-letters", "replay", "--feature", "rides")
        try asked.expectSuccess()
        #expect(asked.output == "3 letters to be tried again\n")
        try await stage.drain().expectSuccess()
        #expect(try await values(stage, "late", "n") == ["4", "4", "4"])
        #expect(try await values(stage, "r0", "n") == ["9", "9", "9"])
        let contents = try await stage.contents(of: "rides")
        for sink in ["online", "profiles", "lake"] {
            let version = try contents[sink]["late"]["version"].text
            #expect(version.dropFirst(23).prefix(20) == positions[0], "the record keeps its position")
        }

        let left = try await letters(stage)
        #expect(try left.map { try $0["position"].text } == [positions[1]])
        try await stage.sluice("dead-letters", "discard").expectFailure(64, "--all")
        #expect(try await letters(stage).count == 1)
        #expect(
            try await stage.sluice("dead-letters", "discard", "--reason", "bad_entity").output
                == "0 letters discarded\n")
        #expect(try await stage.sluice("dead-letters", "discard", "--all").output == "1 letter discarded\n")
        #expect(try await stage.sluice("dead-letters", "list").output == "no dead letters\n")
        #expect(try await letters(stage).isEmpty)
    }

    @Test func `a replay is taken up by a run that goes on`() async throws {
        let stage = try await stageWithLetters()
        try await stage.drain().expectSuccess()
        try stage.writeFeature("rides", sinks: Self.sinks, sql: Self.mended)
        let run = try await stage.startRun()
        try await stage.sluice("dead-letters", "replay", "--reason", "bad_event_time").expectSuccess()
        try await eventually("the replayed rows are in Redis", within: .seconds(5)) {
            try await stage.redis.answer("hget", "rides:1:{late}", "n") == "4"
        }
        try await eventually("the letters are gone") { try await letters(stage).count == 1 }
        #expect(try await values(stage, "late", "n") == ["4", "4", "4"])
        run.signal(SIGTERM)
        try await run.ended().expectSuccess()
    }

    @Test func `a row that one sink refuses is that sink's letter, and is replayed there`() async throws {
        let stage = try await Stage()
        try stage.writeService()
        try stage.writeSinks()
        try stage.writeFeature("rides", sinks: Self.sinks)
        _ = try await stage.redis.answer("set", "rides:1:{taken}", "a text")
        let records = (0..<10).map { record("r\($0)") } + [record("taken", n: 7), record("last")]
        try stage.write("data/rides/realtime/1.ndjson", records.joined())
        let run = try await stage.startRun()
        try await eventually("the row is a letter") { try await letters(stage).count == 1 }
        let letter = try #require(try await letters(stage, "--sink", "online").first)
        #expect(try letter["reason"].text == "sink_refused" && letter["sink"].text == "online")
        #expect(try letter["record"].text + "\n" == record("taken", n: 7))
        try await eventually("all other rows are there") {
            try await stage.redis.answer("exists", "rides:1:{last}") == "1"
        }

        _ = try await stage.redis.answer("del", "rides:1:{taken}")
        try await stage.sluice("dead-letters", "replay", "--sink", "online").expectSuccess()
        try await eventually("the row is in Redis", within: .seconds(5)) {
            try await stage.redis.answer("hget", "rides:1:{taken}", "n") == "7"
        }
        try await eventually("the letter is gone") { try await letters(stage).isEmpty }
        run.signal(SIGTERM)
        try await run.ended().expectSuccess()
        try await stage.drain().expectSuccess()
        #expect(try await values(stage, "taken", "n") == ["7", "7", "7"])
        #expect(try stage.lakeRows("rides") == records.count, "the replay went to one sink only")
    }

    @Test func `a feature of whose records too many are refused pauses, and the others go on`() async throws {
        let stage = try FileStage()
        try stage.writeService()
        try stage.writeLake()
        for (name, every) in [("good", 0), ("fair", 25), ("poor", 10)] {
            try stage.writeFeature(name, sinks: "lake")
            let records = (0..<5000).map { every > 0 && $0 % every == 0 ? "nonsense\n" : record("r\($0)") }
            try stage.write("data/\(name)/realtime/1.ndjson", records.joined())
        }
        let drained = try await stage.drain()
        drained.expectFailure(1, "error: poor v1 is paused: too many of its records are refused")
        #expect(drained.errors.contains("good v1 is paused") == false)
        #expect(drained.errors.contains("fair v1 is paused") == false)
        let report = try drained.json
        #expect(try report.counter("applied", of: "good") == 5000)
        #expect(try report.counter("applied", of: "fair") == 4800)
        #expect(try report.counter("refused", of: "fair") == 200)
        #expect((1000..<5000).contains(try report.counter("records", of: "poor")))
        let counted = try await stage.sluice("dead-letters", "list", "--limit", "1")
        #expect(counted.output.contains("fair v1: 200 letters, unreadable\n"))
        let poor = try report.counter("refused", of: "poor")
        #expect(counted.output.contains("poor v1: \(poor) letters, unreadable\n"))
        #expect(counted.output.hasSuffix("… and \(poor + 199) more; see --limit\n"))
    }
}
