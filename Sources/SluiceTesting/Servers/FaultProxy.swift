import Foundation
import Glibc
import SluiceCore
import Synchronization

/// A TCP proxy before a server on 127.0.0.1, which breaks connections as networks do.
///
/// It never alters or reorders bytes: it holds them back, delays them, or ends the connection. Two threads serve each
/// connection; all end with this object.
public final class FaultProxy: Sendable {
    public enum Mode: Sendable, Hashable {
        case forward
        /// Nothing passes in either direction, and nothing is closed, until the mode changes: a partition.
        case hold
        /// Requests reach the server; its replies are held until the mode changes.
        case holdReplies
        /// Each piece of a reply arrives that much later.
        case delayReplies(Duration)
        /// Connections are closed, those that are open and each new one.
        case refuse
    }

    /// Where clients connect to.
    public let port: Int
    private let faults = Faults()

    /// Listens on a free port for connections to a server's port.
    public init(to upstreamPort: Int) throws {
        let listener = try openSocket()
        do {
            port = try bindToLoopback(listener)
            guard listen(listener, 64) == 0 else { throw ServerError("listen: \(String(systemError: errno))") }
        } catch {
            close(listener)
            throw error
        }
        let faults = faults
        Thread {
            while !faults.isClosed {
                guard isReadable(listener) else { continue }
                let client = accept(listener, nil, nil)
                guard client >= 0 else { continue }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                Link(client: client, faults: faults)?.start(to: upstreamPort)
            }
            close(listener)
        }.start()
    }

    deinit { faults.close() }

    public var mode: Mode {
        get { faults.mode }
        set { faults.mode = newValue }
    }

    /// Once: the next request that contains this text reaches the server, and when its reply comes the connection is
    /// closed instead.
    public func loseReply(toRequestContaining text: String) { faults.loseReply(toRequestContaining: text) }
}

/// What the proxy's threads are to do now.
private final class Faults: Sendable {
    private struct State {
        var mode = FaultProxy.Mode.forward
        var lossTrigger: [UInt8]?
        var isClosed = false
    }

    private let state = Mutex(State())

    var mode: FaultProxy.Mode {
        get { state.withLock { $0.mode } }
        set { state.withLock { $0.mode = newValue } }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func close() { state.withLock { $0.isClosed = true } }

    func loseReply(toRequestContaining text: String) { state.withLock { $0.lossTrigger = Array(text.utf8) } }

    /// Whether a request is the one whose reply is to be lost; says so once.
    func takeLoss(for request: some Collection<UInt8>) -> Bool {
        state.withLock { state in
            guard let trigger = state.lossTrigger, request.firstRange(of: trigger) != nil else { return false }
            state.lossTrigger = nil
            return true
        }
    }
}

/// One connection through the proxy.
private final class Link: Sendable {
    private let client: Int32
    private let server: Int32
    private let faults: Faults
    private let losesReply = Atomic<Bool>(false)

    init?(client: Int32, faults: Faults) {
        guard let server = try? openSocket() else {
            close(client)
            return nil
        }
        self.client = client
        self.server = server
        self.faults = faults
    }

    /// Both threads keep the link; when the second one ends, the sockets are closed.
    deinit {
        close(client)
        close(server)
    }

    func start(to port: Int) {
        var address = loopback(port: port)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected, faults.mode != .refuse else { return end() }
        for descriptor in [client, server] {
            var yes: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        Thread { self.pumpRequests() }.start()
        Thread { self.pumpReplies() }.start()
    }

    private func pumpRequests() {
        var seen: [UInt8] = []
        pump(from: client, to: server, heldBy: [.hold]) { piece in
            // A request may come in pieces: what is looked for may begin in the one before.
            seen = seen.suffix(256) + piece
            if faults.takeLoss(for: seen) { losesReply.store(true, ordering: .releasing) }
            return true
        }
    }

    private func pumpReplies() {
        pump(from: server, to: client, heldBy: [.hold, .holdReplies]) { _ in
            if case .delayReplies(let delay) = faults.mode { Thread.sleep(forTimeInterval: delay / .seconds(1)) }
            return !losesReply.load(ordering: .acquiring)
        }
    }

    /// Moves pieces until either side closes, the proxy ends, or `passes` says that a piece must not arrive.
    private func pump(
        from source: Int32, to target: Int32, heldBy holds: [FaultProxy.Mode], passes: ([UInt8]) -> Bool
    ) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while !faults.isClosed, faults.mode != .refuse {
            guard !holds.contains(faults.mode) else {
                Thread.sleep(forTimeInterval: 0.005)
                continue
            }
            guard isReadable(source) else { continue }
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0, passes(Array(buffer[..<count])), sendAll(buffer[..<count], to: target) else { break }
        }
        end()
    }

    /// Ends the connection on both sides; the other thread then ends too.
    private func end() {
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
    }
}

private func openSocket() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw ServerError("socket: \(String(systemError: errno))") }
    return descriptor
}

/// Waits a short while for bytes, for a connection, or for the end.
private func isReadable(_ descriptor: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 20) > 0
}

private func sendAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
        let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent > 0 else { return false }
        rest = rest.dropFirst(sent)
    }
    return true
}
