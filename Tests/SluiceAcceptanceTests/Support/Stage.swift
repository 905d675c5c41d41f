import Foundation
import SluiceTesting
import Testing

/// What a run needs around it: a Redis, a MongoDB, and a folder with a configuration. Everything is gone with it.
final class Stage {
    let redis: ServerProcess
    let mongo: ServerProcess
    private let place: TemporaryFolder
    var folder: String { place.path }

    init() async throws {
        redis = try await onThread { try RedisServer.start() }
        mongo = try await onThread { try MongoServer.start() }
        place = try TemporaryFolder("stage")
    }

    var configuration: String { "\(folder)/config/sluice.yaml" }

    /// Writes a file below the stage's folder.
    func write(_ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: "\(folder)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// The shipped configuration, before this stage's servers, with other rates where they are given.
    func copyShippedConfiguration(rates: [String: String] = [:]) throws {
        for folder in ["config", "sinks"] {
            try FileManager.default.copyItem(atPath: "\(Repository.root)/\(folder)", toPath: "\(self.folder)/\(folder)")
        }
        for sink in ["online", "profiles", "lake"] {
            let path = "\(folder)/sinks/\(sink).yaml"
            var lines = try String(contentsOfFile: path, encoding: .utf8)
                .replacing("127.0.0.1:6379", with: "127.0.0.1:\(redis.port)")
                .replacing("127.0.0.1:27017", with: "127.0.0.1:\(mongo.port)")
                .split(separator: "\n").filter { !$0.hasPrefix("rate:") && !$0.hasPrefix("bootstrap:") }
            if let rate = rates[sink] { lines.append("rate: \(rate)") }
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        }
    }

    /// Makes the events that the shipped features read.
    func generate(rows: Int, seed: UInt64) async throws {
        let made = try await sluice(
            "generate", "--out", "\(folder)/data/events", "--rows", "\(rows)", "--seed", "\(seed)")
        try made.expectSuccess()
    }

    /// Compares the sinks with the state that the generator expects, and the counters if a run's are given.
    func verify(run: String? = nil) async throws -> Ended {
        var arguments = [
            "\(Repository.root)/ops/dev/verify.py", "--expected", "\(folder)/data/events/expected", "--redis-port",
            "\(redis.port)", "--mongo-port", "\(mongo.port)", "--lake", "\(folder)/data/lake",
        ]
        if let run {
            try write("run.json", run)
            arguments += ["--run", "\(folder)/run.json"]
        }
        return try await Command(Repository.python, arguments).run()
    }

    /// Runs the command line to its end.
    func sluice(_ arguments: String..., environment: [String: String] = [:]) async throws -> Ended {
        try await Command(Repository.sluice, arguments, environment: environment).run()
    }

    /// `sluice run --drain --json` over the stage's configuration.
    func drain(crashAt: String? = nil) async throws -> Ended {
        try await sluice(
            "run", "--drain", "--json", "--config", configuration,
            environment: crashAt.map { ["SLUICE_CRASH_AT": $0] } ?? [:])
    }
}

/// Where things are.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path

    /// The binary under test: the release build, unless `SLUICE_BINARY` names another one.
    static let sluice = ProcessInfo.processInfo.environment["SLUICE_BINARY"] ?? "\(root)/.build/release/sluice"

    /// Python with the clients that read sinks back.
    static let python = "\(root)/.build/tools/venv/bin/python"
}
