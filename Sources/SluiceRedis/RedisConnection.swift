internal import CHiredis
import Glibc
internal import SluiceCore

/// One connection to a Redis server. Used on one thread; calls block up to the time-out.
///
/// hiredis opens it and reads replies. Requests are sent past it, from buffers of our own: that spares a copy, and the
/// signal that its plain `write` raises where the server has closed.
///
/// After `RedisError.connection` the connection is of no more use: let go of it, and open another.
final class RedisConnection {
    private let context: UnsafeMutablePointer<redisContext>
    private let socket: RedisSocket
    private let address: RedisAddress
    private let timeout: Duration

    /// Connects, authenticates and selects the database.
    ///
    /// - Parameter socket: through which another thread may interrupt.
    init(
        to address: RedisAddress, connectTimeout: Duration, timeout: Duration, socket: RedisSocket
    ) throws(RedisError) {
        let opened =
            switch address.endpoint {
            case .tcp(let host, let port): redisConnectWithTimeout(host, Int32(port), timeval(connectTimeout))
            case .unixSocket(let path): redisConnectUnixWithTimeout(path, timeval(connectTimeout))
            }
        guard let opened else { throw .connection("\(address): no memory for a connection") }
        context = opened
        self.socket = socket
        self.address = address
        self.timeout = timeout
        // From here on `deinit` closes, also where what follows throws. Without a connection there is no descriptor.
        guard opened.pointee.err == 0 else { throw failure("connect") }
        socket.opened(opened.pointee.fd)
        guard redisSetTimeout(opened, timeval(timeout)) == REDIS_OK else { throw failure("set a time-out") }
        _ = fcntl(opened.pointee.fd, F_SETFD, FD_CLOEXEC)
        if case .tcp = address.endpoint, redisEnableKeepAlive(opened) != REDIS_OK { throw failure("set keep-alive") }
        try introduce()
    }

    deinit {
        socket.closes()
        redisFree(context)
    }

    /// Sends bytes that hold whole requests.
    ///
    /// - Parameter isContinued: whether more follows at once, so that the system may wait for it.
    func send(_ bytes: UnsafeRawBufferPointer, isContinued: Bool = false) throws(RedisError) {
        let flags = Int32(MSG_NOSIGNAL) | (isContinued ? Int32(MSG_MORE) : 0)
        var rest = bytes
        while !rest.isEmpty {
            let sent = Glibc.send(context.pointee.fd, rest.baseAddress, rest.count, flags)
            if sent > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[sent...])
            } else if sent == -1, errno != EINTR {
                throw .connection("\(address): \(Self.words(for: errno, timeout))")
            }
        }
    }

    /// The next reply; an error reply is a value here.
    func receive() throws(RedisError) -> RedisValue {
        var reply: UnsafeMutableRawPointer?
        errno = 0
        guard redisGetReply(context, &reply) == REDIS_OK, let reply else { throw failure("read") }
        defer { freeReplyObject(reply) }
        return RedisValue(UnsafePointer(reply.assumingMemoryBound(to: redisReply.self)))
    }

    /// Sends several requests at once, and gives their replies; error replies are values here.
    func call(_ commands: [[String]]) throws(RedisError) -> [RedisValue] {
        var buffer = RESPBuffer()
        for command in commands { buffer.append(command: command) }
        try send(buffer.bytes)
        var replies: [RedisValue] = []
        for _ in commands { replies.append(try receive()) }
        return replies
    }

    /// Sends one request; an error reply is thrown.
    func call(_ arguments: String...) throws(RedisError) -> RedisValue {
        let reply = try call([arguments])[0]
        if case .error(let error) = reply { throw .reply(error) }
        return reply
    }

    private func introduce() throws(RedisError) {
        var commands: [[String]] = []
        if let password = address.password {
            commands.append(["AUTH"] + (address.user.map { [$0] } ?? []) + [password.revealed])
        }
        if address.database != 0 { commands.append(["SELECT", "\(address.database)"]) }
        commands.append(["PING"])
        // A user who may not name the connection may still use it: the reply to the last one is not looked at.
        commands.append(["CLIENT", "SETNAME", "sluice"])
        for case .error(let error) in try call(commands).dropLast() { throw .reply(error) }
    }

    private func failure(_ action: String) -> RedisError {
        if context.pointee.err == REDIS_ERR_IO, errno != 0 {
            return .connection("\(address): \(Self.words(for: errno, timeout))")
        }
        let message = withUnsafeBytes(of: &context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return .connection("\(address): \(message.isEmpty ? "cannot \(action)" : message)")
    }

    private static func words(for code: Int32, _ timeout: Duration) -> String {
        code == EAGAIN || code == EWOULDBLOCK ? "no answer within \(timeout)" : String(systemError: code)
    }
}

extension timeval {
    /// A duration for a C library; at least one microsecond, since zero would mean "for ever".
    init(_ duration: Duration) {
        let microseconds = max(1, duration.nanoseconds / 1000)
        self.init(tv_sec: Int(microseconds / 1_000_000), tv_usec: Int(microseconds % 1_000_000))
    }
}
