import Foundation

/// A real Redis for tests (`redis-server`, found by `PATH`).
public enum RedisServer {
    /// Whether this machine can start one; tests that need it are skipped where it cannot.
    public static var isAvailable: Bool { executable(named: "redis-server") != nil }

    /// - Parameters:
    ///   - isDurable: every write is synced to an append-only file before it is answered, so that `kill` loses nothing.
    ///   - arguments: further settings, as on the command line: `["--maxmemory", "50mb"]`.
    public static func start(isDurable: Bool = false, arguments: [String] = []) throws -> ServerProcess {
        guard let executable = executable(named: "redis-server") else {
            throw ServerError("redis-server is not installed; apt-get install redis-server")
        }
        return try ServerProcess(
            ServerProcess.Kind(
                name: "redis",
                command: { port, folder in
                    let durability = ["--appendonly", isDurable ? "yes" : "no", "--appendfsync", "always"]
                    return [executable, "--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
                        + durability + arguments
                },
                readyText: "Ready to accept connections"))
    }
}

/// The path of a program that `PATH` finds.
func executable(named name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
}
