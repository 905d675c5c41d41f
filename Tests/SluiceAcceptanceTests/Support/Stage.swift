import Foundation
import SluiceTesting
import Testing

/// What a run needs around it: a Redis, a MongoDB, and a folder with a configuration. Everything is gone with it.
final class Stage: StageFolder {
    let redis: ServerProcess
    let mongo: ServerProcess
    private let place: TemporaryFolder
    var folder: String { place.path }

    /// - Parameter isDurable: Redis loses nothing when it is killed (MongoDB never does).
    init(isDurable: Bool = false) async throws {
        redis = try await onThread { try RedisServer.start(isDurable: isDurable) }
        mongo = try await onThread { try MongoServer.start() }
        place = try TemporaryFolder("stage")
    }

    /// Sinks `online`, `profiles` and `lake`, without rates.
    func writeSinks() throws {
        try write("sinks/online.yaml", "kind: redis\nurl: redis://127.0.0.1:\(redis.port)/0\n")
        try write("sinks/profiles.yaml", "kind: mongo\nurl: mongodb://127.0.0.1:\(mongo.port)/features\n")
        try writeLake()
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

    /// What each sink of `writeSinks` holds of a feature: by sink and entity, the version and the columns.
    func contents(of feature: String) async throws -> JSON {
        let read = try await Command(
            Repository.python,
            [
                Repository.readSinks, "all", feature, "--redis-port", "\(redis.port)", "--mongo-port", "\(mongo.port)",
                "--lake", "\(folder)/lake",
            ]
        ).run()
        try read.expectSuccess("reading sinks")
        return try read.json
    }
}

extension ServerProcess {
    /// The answer of a Redis, as `redis-cli` prints it where no person looks.
    func answer(_ command: String...) async throws -> String {
        let answer = try await Command("/usr/bin/redis-cli", ["-p", "\(port)"] + command).run()
        try answer.expectSuccess()
        return answer.output.trimmingCharacters(in: .newlines)
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

    static let readSinks = "\(root)/Tests/SluiceAcceptanceTests/Support/read_sinks.py"
}
