import Foundation
import Glibc
import SluiceCore
import Synchronization

/// The one thread that starts servers.
///
/// Servers must not outlive the test's process, even if that is killed: `setpriv --pdeathsig KILL` has the kernel see to
/// it. But what the kernel watches is the *thread* that started them, so that thread has to live as long as the process.
final class Launcher: Sendable {
    static let shared = Launcher()

    private let jobs = Mutex<[@Sendable () -> Void]>([])
    private let wake = DispatchSemaphore(value: 0)

    private init() {
        let thread = Thread { [self] in
            while true {
                wake.wait()
                jobs.withLock { $0.removeFirst() }()
            }
        }
        thread.start()
    }

    /// Starts a command, found by `PATH`, with its output in a log.
    func spawn(_ command: [String], log: String) throws -> pid_t {
        let answer = Mutex<Result<pid_t, ServerError>?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        jobs.withLock { jobs in
            jobs.append {
                answer.withLock { $0 = Self.spawnHere(["setpriv", "--pdeathsig", "KILL", "--"] + command, log: log) }
                isDone.signal()
            }
        }
        wake.signal()
        isDone.wait()
        return try answer.withLock { $0! }.get()
    }

    private static func spawnHere(_ command: [String], log: String) -> Result<pid_t, ServerError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A server that held copies of the test's sockets would keep connections open that the test has closed.
        for descriptor in openDescriptors() { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, command[0], &actions, nil, &arguments, environ)
        guard code == 0 else {
            return .failure(ServerError("\(command[0]) cannot be started: \(String(systemError: code))"))
        }
        return .success(process)
    }

    private static func openDescriptors() -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.filter { $0 > 2 }
    }
}
