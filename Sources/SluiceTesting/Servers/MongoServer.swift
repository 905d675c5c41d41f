import Foundation

/// A real MongoDB for tests: a standalone `mongod`, journalled, whose TTL monitor runs each second and which obeys
/// `configureFailPoint`.
///
/// The program is named by the environment's `SLUICE_MONGOD`, or found by `PATH`, or at `.build/tools/mongod` of the
/// package.
public enum MongoServer {
    /// Whether this machine can start one; tests that need it are skipped where it cannot.
    public static var isAvailable: Bool { mongod != nil }

    public static func start() throws -> ServerProcess {
        guard let mongod else {
            throw ServerError("mongod is not installed; put it on PATH, or name it by SLUICE_MONGOD")
        }
        return try ServerProcess(
            ServerProcess.Kind(
                name: "mongo",
                command: { port, folder in
                    [
                        mongod, "--dbpath", folder, "--bind_ip", "127.0.0.1", "--port", "\(port)", "--nounixsocket",
                        "--wiredTigerCacheSizeGB", "0.25", "--setParameter", "diagnosticDataCollectionEnabled=false",
                        "--setParameter", "ttlMonitorSleepSecs=1", "--setParameter", "enableTestCommands=1",
                    ]
                },
                readyText: "Waiting for connections"))
    }

    private static let mongod: String? = {
        let named = ProcessInfo.processInfo.environment["SLUICE_MONGOD"]
        let built = FileManager.default.currentDirectoryPath + "/.build/tools/mongod"
        return [named, executable(named: "mongod"), built].compactMap { $0 }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()
}
