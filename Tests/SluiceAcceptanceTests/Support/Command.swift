import Foundation
import SluiceTesting
import Synchronization
import Testing

/// A process to run, its output kept. It is killed when nothing refers to it any more.
final class Command: Sendable {
    private let process: Mutex<Process>
    private let handles: [FileHandle]

    /// libmongoc keeps counters in shared memory under the number of its process. A process that is killed leaves them
    /// behind, and a later one of that number warns of it.
    private static let environment = ["PYTHONDONTWRITEBYTECODE": "1", "MONGOC_DISABLE_SHM": "1"]
    private let place: TemporaryFolder

    init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], folder: String? = nil
    ) throws {
        place = try TemporaryFolder("command")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(Self.environment) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        let place = place
        handles = try ["output", "errors"].map { file in
            let url = URL(fileURLWithPath: "\(place.path)/\(file)")
            try Data().write(to: url)
            return try FileHandle(forWritingTo: url)
        }
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        self.process = Mutex(process)
    }

    deinit { if isRunning { signal(SIGKILL) } }

    var identifier: Int32 { process.withLock { $0.processIdentifier } }
    var isRunning: Bool { process.withLock { $0.isRunning } }

    /// What it has written so far.
    var output: String { text("output") }
    var errors: String { text("errors") }

    func start() throws {
        try process.withLock { try $0.run() }
        for handle in handles { try handle.close() }
    }

    func signal(_ number: Int32) { kill(identifier, number) }

    /// Waits for its end.
    func ended() async throws -> Ended {
        while isRunning { try await Task.sleep(for: .milliseconds(5)) }
        return process.withLock {
            Ended(
                status: $0.terminationStatus, wasKilled: $0.terminationReason == .uncaughtSignal, output: output,
                errors: errors)
        }
    }

    func run() async throws -> Ended {
        try start()
        return try await ended()
    }

    private func text(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(place.path)/\(file)") ?? Data(), as: UTF8.self)
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

    /// Expects an end by itself with this status, and these words on standard error.
    func expectFailure(_ expected: Int32, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(
            status == expected && !wasKilled, "\(errors.suffix(4000))\n\(output.suffix(4000))",
            sourceLocation: sourceLocation)
        for text in words { #expect(errors.contains(text), sourceLocation: sourceLocation) }
    }
}

/// Waits until a condition holds, for at most so long.
func eventually(
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
