import Foundation
import Glibc
import SluiceCore
import Synchronization

/// A real server, started for tests: in a folder of its own, on a free port of 127.0.0.1.
///
/// It ends with this object, and with the test's process however that ends. All calls block.
public final class ServerProcess: Sendable {
    /// How one kind of server is started.
    struct Kind: Sendable {
        let name: String
        /// The command for a port and a folder.
        let command: @Sendable (_ port: Int, _ folder: String) -> [String]
        /// What its log says when it takes connections.
        let readyText: String
    }

    public let port: Int
    /// Where its data and logs are; deleted with this object.
    public var folder: String { place.path }
    private let place: TemporaryFolder
    private let kind: Kind
    private let state: Mutex<State>

    private struct State {
        var process: pid_t?
        var launches = 0
    }

    init(_ kind: Kind) throws {
        self.kind = kind
        place = try TemporaryFolder(kind.name)
        // Another process may take a free port before the server does: then the server ends, and the next port is tried.
        var attempt = 0
        while true {
            attempt += 1
            let port = try freePort()
            do {
                let process = try Self.launch(
                    kind, port: port, folder: place.path, log: "\(place.path)/log-0-\(attempt)")
                self.port = port
                state = Mutex(State(process: process))
                return
            } catch  where attempt < 5 {
                continue
            }
        }
    }

    deinit { kill() }

    /// The number of its process; `nil` while it is down.
    public var process: Int32? { state.withLock { $0.process } }

    /// Freezes it (`SIGSTOP`): connections stay open, and nothing answers.
    public func stop() { signal(SIGSTOP) }

    /// Lets it go on after `stop`.
    public func resume() { signal(SIGCONT) }

    /// Ends it at once (`SIGKILL`), and waits until it is gone.
    public func kill() {
        state.withLock { state in
            guard let process = state.process else { return }
            Glibc.kill(process, SIGKILL)
            var status: Int32 = 0
            while waitpid(process, &status, 0) == -1, errno == EINTR {}
            state.process = nil
        }
    }

    /// Starts it again on the same port and data, ending it first where it runs; returns when it answers.
    public func restart() throws {
        kill()
        try state.withLock { state in
            state.launches += 1
            state.process = try Self.launch(
                kind, port: port, folder: folder, log: "\(folder)/log-\(state.launches)")
        }
    }

    private func signal(_ number: Int32) {
        state.withLock { if let process = $0.process { Glibc.kill(process, number) } }
    }

    private static func launch(_ kind: Kind, port: Int, folder: String, log: String) throws -> pid_t {
        let process = try Launcher.shared.spawn(kind.command(port, folder), log: log)
        do {
            try waitUntil("\(kind.name) takes connections on port \(port)", within: .seconds(60)) {
                var status: Int32 = 0
                let isReady = (try? String(contentsOfFile: log, encoding: .utf8))?.contains(kind.readyText) ?? false
                guard isReady || waitpid(process, &status, WNOHANG) == 0 else {
                    let lines = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
                    throw ServerError("\(kind.name) ended at its start: \(lines.suffix(500))")
                }
                return isReady
            }
        } catch {
            Glibc.kill(process, SIGKILL)
            throw error
        }
        return process
    }
}

/// Why a server for tests could not be started, and what would help.
public struct ServerError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// A port of 127.0.0.1 on which nothing listens now.
func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw ServerError("socket: \(String(systemError: errno))") }
    defer { close(descriptor) }
    return try bindToLoopback(descriptor)
}

/// Binds a socket to a free port of 127.0.0.1.
func bindToLoopback(_ descriptor: Int32) throws -> Int {
    var address = loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
        }
    }
    guard result else { throw ServerError("bind to 127.0.0.1: \(String(systemError: errno))") }
    return Int(UInt16(bigEndian: address.sin_port))
}

func loopback(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
}
