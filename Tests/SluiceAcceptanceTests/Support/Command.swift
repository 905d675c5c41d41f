import Foundation
import SluiceTesting
import Testing

/// A process to run, its output kept.
struct Command {
    private let process = Process()
    private let output: URL
    private let errors: URL

    init(_ executable: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        let folder = FileManager.default.temporaryDirectory
        output = folder.appendingPathComponent("sluice-\(UUID().uuidString).out")
        errors = folder.appendingPathComponent("sluice-\(UUID().uuidString).err")
        for file in [output, errors] { try Data().write(to: file) }
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
    }

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    func start() throws { try process.run() }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for its end, on a thread that may block.
    func ended() async throws -> Ended {
        await onThread { [process] in process.waitUntilExit() }
        defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
        return Ended(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    func run() async throws -> Ended {
        try start()
        return try await ended()
    }
}

/// A process that has ended.
struct Ended {
    /// The exit status, or the signal's number.
    let status: Int32
    let wasKilled: Bool
    let output: String
    let errors: String

    func expectSuccess(_ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try #require(
            status == 0 && !wasKilled,
            "\(comment?.rawValue ?? "it failed"): \(status)\n\(errors.suffix(4000))\n\(output.suffix(4000))",
            sourceLocation: sourceLocation)
    }
}

/// Waits until a condition holds, for at most so long.
func waitUntil(
    _ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw Waited(what: what) }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// A condition that did not come to hold in time.
struct Waited: Error, CustomStringConvertible {
    let what: String
    var description: String { "waited in vain until \(what)" }
}
