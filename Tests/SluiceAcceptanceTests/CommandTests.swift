import Foundation
import SluiceTesting
import Testing

/// The command line as a person meets it: help, usage, and what ends a run.
@Suite(.serialized) struct CommandTests {
    // MARK: Help and usage

    @Test func `every command has help with an example of itself`() async throws {
        let stage = try FileStage()
        let commands = try await self.commands(below: [], stage)
        #expect(commands.count >= 8)
        for command in commands {
            let help = try await Command(Repository.sluice, command + ["--help"]).run()
            try help.expectSuccess()
            let words = help.output.split { $0.isWhitespace }.map(String.init)
            let example = try #require(words.firstIndex(of: "Example:"), "\(command) has an example")
            #expect(Array(words[(example + 1)...].prefix(command.count + 1)) == ["sluice"] + command)
            #expect(!help.output.contains("\u{1B}["))
        }
    }

    /// All commands below one, as `--help` lists them.
    private func commands(below command: [String], _ stage: FileStage) async throws -> [[String]] {
        let help = try await Command(Repository.sluice, command + ["--help"]).run()
        let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
        guard let head = lines.firstIndex(of: "SUBCOMMANDS:") else { return [] }
        let names = lines[(head + 1)...].prefix { !$0.isEmpty }
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
        var found: [[String]] = []
        for name in names {
            found.append(command + [name])
            found += try await commands(below: command + [name], stage)
        }
        return found
    }

    @Test(arguments: [
        ["--nonsense"], ["nonsense"], ["run", "--nonsense"], ["run", "--json"], ["run", "extra"],
        ["check", "--config"],
        ["generate"], ["generate", "--out", "events", "--rows", "0"],
        ["generate", "--out", "events", "--rows", "many"],
        ["generate", "--out", "events", "--realtime-share", "2"], ["compact"],
        ["compact", "rides", "--version", "two"],
        ["dead-letters", "list", "--limit", "0"], ["dead-letters", "list", "--reason", "dislike"],
        ["dead-letters", "discard"], ["dead-letters", "mend"],
    ]) func `wrong usage exits 64, and says what is right`(_ arguments: [String]) async throws {
        let stage = try FileStage()
        let ended = try await Command(Repository.sluice, arguments, folder: stage.folder).run()
        ended.expectFailure(64, "Usage: sluice", "--help")
        #expect(ended.output == "")
        #expect(TemporaryFolder.files(below: stage.folder) == [])
    }

    @Test func `generate refuses a folder that holds events, and leaves them alone`() async throws {
        let stage = try FileStage()
        try await stage.sluice("generate", "--out", "events", "--rows", "100").expectSuccess()
        let files = TemporaryFolder.files(below: stage.folder)
        let before = try files.map(stage.text)
        try await stage.sluice("generate", "--out", "events", "--rows", "200").expectFailure(1, "events/riders")
        #expect(TemporaryFolder.files(below: stage.folder) == files)
        #expect(try files.map(stage.text) == before)
    }

    // MARK: One run

    @Test func `a second run is refused while one runs, and not once that is killed`() async throws {
        let stage = try FileStage()
        try stage.writeService()
        try stage.writeLake()
        try stage.writeFeature("rides", sinks: "lake")
        try stage.write("data/rides/realtime/1.ndjson", record("a"))
        let first = try await stage.startRun()
        try await stage.drain().expectFailure(1, "pid \(first.identifier) ")
        #expect(first.isRunning)
        first.signal(SIGKILL)
        _ = try await first.ended()
        try await stage.drain().expectSuccess()
        #expect(try stage.lakeRows("rides") == 1)
    }

    // MARK: The end

    @Test(arguments: [SIGTERM, SIGINT])
    func `told to stop, run settles what it holds and exits 0 in time`(signal: Int32) async throws {
        let stage = try FileStage()
        try stage.writeService("drain_timeout: 10s")
        try stage.writeLake()
        try stage.writeFeature("rides", sinks: "lake")
        let records = (0..<20_000).map { record("r\($0)", at: $0) }
        try stage.write("data/rides/realtime/1.ndjson", records.joined())
        let run = try await stage.startRun()
        try await eventually("rows are written") { try stage.lakeRows("rides") > 0 }
        let start = ContinuousClock.now
        run.signal(signal)
        try await run.ended().expectSuccess()
        #expect(ContinuousClock.now - start < .seconds(10))

        let rest = try await stage.drain()
        try rest.expectSuccess()
        #expect(try stage.lakeRows("rides") == records.count, "what was written is not read again")
    }

    @Test(arguments: ["online", "profiles"])
    func `told to stop while a sink hangs, run exits 0 within drain_timeout and loses nothing`(
        hanging: String
    ) async throws {
        let stage = try await Stage()
        try stage.writeService("drain_timeout: 2s")
        try stage.writeSinks()
        try stage.writeFeature("rides", sinks: "online, profiles, lake")
        try stage.write("data/rides/realtime/1.ndjson", record("a"))
        let run = try await stage.startRun()
        try await eventually("the sink is in use") { try await stage.contents(of: "rides")[hanging].names == ["a"] }
        let server = hanging == "online" ? stage.redis : stage.mongo
        server.stop()
        try stage.append("data/rides/realtime/1.ndjson", record("b"))
        try await eventually("another sink has the row") { try stage.lakeRows("rides") == 2 }
        let start = ContinuousClock.now
        run.signal(SIGTERM)
        try await run.ended().expectSuccess()
        let elapsed = ContinuousClock.now - start
        #expect(elapsed < .seconds(3.5))

        server.resume()
        try await stage.drain().expectSuccess()
        let contents = try await stage.contents(of: "rides")
        for sink in ["online", "profiles", "lake"] { #expect(try contents[sink].names == ["a", "b"]) }
        #expect(try stage.lakeRows("rides") == 2)
    }

    @Test func `told to stop before the streams' end, a drain exits 1 and says so`() async throws {
        let stage = try FileStage()
        try stage.writeService()
        try stage.writeLake(rate: "100/s")
        try stage.writeFeature("rides", sinks: "lake")
        try stage.write("data/rides/realtime/1.ndjson", (0..<5000).map { record("r\($0)") }.joined())
        let run = try await stage.startRun("--drain", "--json")
        try await eventually("rows are written") { try stage.lakeRows("rides") > 0 }
        run.signal(SIGTERM)
        let ended = try await run.ended()
        ended.expectFailure(1, "error: lake: stopped before the streams' end")
        let applied = try ended.json.counter("applied", of: "rides")
        #expect(applied == (try stage.lakeRows("rides")))
        #expect((1..<5000).contains(applied))
    }

    // MARK: What cannot run

    @Test func `one broken feature is left out and named, and the others run`() async throws {
        let stage = try FileStage()
        try stage.writeService()
        try stage.writeLake()
        try stage.writeFeature("good", sinks: "lake")
        try stage.writeFeature("broken", sinks: "lake", sql: "SELECT id, at FROM events ORDER BY n")
        for name in ["good", "broken"] { try stage.write("data/\(name)/realtime/1.ndjson", record("a")) }
        let drained = try await stage.drain()
        try drained.expectSuccess()
        #expect(drained.errors.contains("features/broken.yaml:8:32: error: ORDER BY spans records"))
        #expect(try drained.json["rows"].array.map { try $0["feature"].text } == ["good"])
        #expect(try stage.lakeRows("good") == 1)
        #expect(try stage.lakeRows("broken") == 0)
    }

    @Test func `a stream of kind redis is refused plainly, and only its feature with it`() async throws {
        let stage = try FileStage()
        try stage.writeService()
        try stage.writeLake()
        try stage.writeFeature("rides", sinks: "lake")
        let path = "config/features/rides.yaml"
        let stream = "{kind: redis, url: \"redis://127.0.0.1:6379/0\", stream: rides}"
        try stage.write(
            path, try stage.text(path).replacing("{kind: file, path: ../../data/rides/realtime}", with: stream))
        let refusal = "features/rides.yaml:7:3: error: realtime of kind redis cannot be read by this release"
        let alone = try await stage.drain()
        alone.expectFailure(78, refusal)
        #expect(alone.output == "")

        try stage.writeFeature("other", sinks: "lake")
        try stage.write("data/other/realtime/1.ndjson", record("a"))
        let beside = try await stage.drain()
        try beside.expectSuccess()
        #expect(beside.errors.contains(refusal))
        #expect(try stage.lakeRows("other") == 1)
    }

    @Test func `TLS to Redis is refused with the reason`() async throws {
        let stage = try FileStage()
        try stage.writeService()
        try stage.write("sinks/online.yaml", "kind: redis\nurl: rediss://127.0.0.1:6379/0\n")
        try stage.writeFeature("rides", sinks: "online")
        let checked = try await stage.sluice("check")
        #expect(checked.status == 78)
        #expect(checked.output.contains("sinks/online.yaml:2:6: error: "))
        #expect(checked.output.contains("TLS"))
    }

    @Test func `a run exits 78 where no feature has a valid sink left`() async throws {
        let stage = try FileStage()
        try stage.writeService()
        try stage.write("sinks/online.yaml", "kind: redis\nurl: rediss://127.0.0.1:6379/0\n")
        try stage.writeFeature("rides", sinks: "online")
        let drained = try await stage.drain()
        #expect(drained.errors.contains("sinks/online.yaml:2:6: error: "))
        #expect(drained.status == 78 && drained.output == "")
    }

    @Test func `a drain of a path that does not exist says so`() async throws {
        let stage = try FileStage()
        try stage.writeService()
        try stage.writeLake()
        try stage.writeFeature("rides", sinks: "lake")
        let drained = try await stage.drain()
        try drained.expectSuccess()
        #expect(drained.errors.contains("data/rides/realtime"))
    }

    @Test(arguments: [
        ["run"], ["run", "--drain"], ["check"], ["compact", "rides"], ["dead-letters", "list"],
    ]) func `a configuration that cannot be read exits 78 and is named`(_ command: [String]) async throws {
        let stage = try FileStage()
        for path in ["nowhere/sluice.yaml", "."] {
            let ended = try await Command(Repository.sluice, command + ["--config", path], folder: stage.folder).run()
            #expect(ended.status == 78 && !ended.wasKilled)
            #expect((ended.output + ended.errors).contains("\(path):1:1: error: the file cannot be read: "))
        }
    }

    @Test(arguments: ["coordination", "dead_letters"])
    func `a folder of its own that cannot be written ends a run with 1, and is named`(key: String) async throws {
        let stage = try FileStage()
        try stage.write("taken", "a file where a folder should be")
        try stage.writeService()
        let place = key == "coordination" ? "../.sluice}" : "../.sluice/dead-letters}"
        let service = try stage.text("config/sluice.yaml")
        try stage.write("config/sluice.yaml", service.replacing("path: \(place)", with: "path: ../taken/state}"))
        try stage.writeLake()
        try stage.writeFeature("rides", sinks: "lake")
        try stage.write("data/rides/realtime/1.ndjson", record("a"))
        let ended = try await stage.drain()
        ended.expectFailure(1, "error: ", "taken")
        #expect(ended.output == "")
        #expect(try stage.lakeRows("rides") == 0)
    }
}
