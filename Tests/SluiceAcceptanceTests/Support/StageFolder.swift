import Foundation
import SluiceTesting
import Testing

/// A folder with a configuration, and the command line run over it.
protocol StageFolder: Sendable {
    var folder: String { get }
}

extension StageFolder {
    var configuration: String { "\(folder)/config/sluice.yaml" }

    /// Writes a file below the folder.
    func write(_ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: "\(folder)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// Adds to the end of a file, as whatever writes a stream does.
    func append(_ path: String, _ text: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: "\(folder)/\(path)"))
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    func text(_ path: String) throws -> String { try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8) }

    /// Writes `sluice.yaml`, with further lines at its end.
    func writeService(_ more: String = "") throws {
        try write(
            "config/sluice.yaml",
            """
            deployment: acceptance
            features: features
            sinks: ../sinks
            coordination: {kind: file, path: ../.sluice}
            dead_letters: {kind: file, path: ../.sluice/dead-letters}
            \(more)

            """)
    }

    /// Writes a feature of records such as `{"id":"a","at":1700000000000,"n":1}` in files below `data/<name>/<lane>`.
    func writeFeature(
        _ name: String, sinks: String, lanes: [String] = ["realtime"],
        sql: String = "SELECT id, at, n FROM events"
    ) throws {
        let streams = lanes.map { "  \($0): {kind: file, path: ../../data/\(name)/\($0)}\n" }.joined()
        try write(
            "config/features/\(name).yaml",
            """
            feature: \(name)
            version: 1
            owner: tests
            entity: id
            event_time: at
            streams:
            \(streams)sql: \(sql)
            sinks: [\(sinks)]

            """)
    }

    /// A file sink `lake` in the folder `lake`.
    func writeLake(rate: String? = nil) throws {
        try write("sinks/lake.yaml", "kind: file\npath: ../lake\n" + (rate.map { "rate: \($0)\n" } ?? ""))
    }

    /// Makes the events that the shipped features read.
    func generate(rows: Int, seed: UInt64) async throws {
        let made = try await sluice(
            "generate", "--out", "\(folder)/data/events", "--rows", "\(rows)", "--seed", "\(seed)")
        try made.expectSuccess()
    }

    /// Runs the command line to its end, in this folder.
    @discardableResult
    func sluice(_ arguments: String..., environment: [String: String] = [:]) async throws -> Ended {
        try await Command(Repository.sluice, arguments, environment: environment, folder: folder).run()
    }

    /// `sluice run --drain --json` over the configuration.
    func drain(crashAt: String? = nil) async throws -> Ended {
        try await sluice(
            "run", "--drain", "--json", "--config", configuration,
            environment: crashAt.map { ["SLUICE_CRASH_AT": $0] } ?? [:])
    }

    /// Starts `sluice run`, and waits until it runs.
    func startRun(_ more: String...) async throws -> Command {
        let run = try Command(Repository.sluice, ["run", "--config", configuration] + more, folder: folder)
        try run.start()
        try await eventually("it runs: \(run.errors)") {
            try #require(run.isRunning, "it ended: \(run.errors)")
            return run.errors.contains("] running")
        }
        return run
    }

    /// Rows that the file sink `lake` lists for a feature.
    func lakeRows(_ feature: String) throws -> Int {
        let manifests = "\(folder)/lake/\(feature)/v1/_manifest"
        return try TemporaryFolder.files(below: manifests).reduce(0) { sum, name in
            let lines = try String(contentsOfFile: "\(manifests)/\(name)", encoding: .utf8).split(separator: "\n")
            return try lines.reduce(sum) { sum, line in
                guard let segment = try? JSON(String(line)) else { return sum }
                return sum + (try segment["rows"].integer)
            }
        }
    }
}

/// A folder for a run that writes files only, or servers that the test starts itself. It is gone with its value.
final class FileStage: StageFolder {
    private let place: TemporaryFolder
    var folder: String { place.path }

    init() throws { place = try TemporaryFolder("stage") }
}

/// A record as the features of `writeFeature` read it; times are milliseconds after a fixed one.
func record(_ id: String, at milliseconds: Int = 0, n: Int = 0) -> String {
    #"{"id":"\#(id)","at":\#(1_700_000_000_000 + milliseconds),"n":\#(n)}"# + "\n"
}
