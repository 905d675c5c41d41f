/// Where a Redis server listens, and who we are to it: `redis://[user[:password]@]host[:port][/database]`, or
/// `redis+unix:///path/to/socket[?db=N]`.
public struct RedisAddress: Hashable, Sendable, CustomStringConvertible {
    public enum Endpoint: Hashable, Sendable {
        case tcp(host: String, port: Int)
        case unixSocket(path: String)
    }

    public var endpoint: Endpoint
    public var user: String?
    public var password: Secret?
    public var database: Int

    public init(_ endpoint: Endpoint, user: String? = nil, password: Secret? = nil, database: Int = 0) {
        self.endpoint = endpoint
        self.user = user
        self.password = password
        self.database = database
    }

    /// Without credentials, for messages and logs: `redis://127.0.0.1:6379/0`.
    public var description: String {
        switch endpoint {
        case .tcp(let host, let port):
            "redis://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unixSocket(let path): "redis+unix://\(path)?db=\(database)"
        }
    }

    /// Reads a URL. The message of the error says what is wrong and what is expected, and repeats no credentials.
    public init(url: String) throws(RedisAddressError) {
        if url.hasPrefix("rediss://") {
            throw RedisAddressError(message: "rediss:// (TLS) is not supported: hiredis 0.14 has no TLS; use redis://")
        }
        if let rest = url.droppingPrefix("redis+unix://") {
            self = try Self.unixSocket(rest)
        } else if let rest = url.droppingPrefix("redis://") {
            self = try Self.tcp(rest)
        } else {
            throw RedisAddressError(message: "not a Redis URL; expected redis://host:port/database")
        }
    }

    private static func unixSocket(_ rest: Substring) throws(RedisAddressError) -> RedisAddress {
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.hasPrefix("/") else {
            throw RedisAddressError(message: "a unix socket needs an absolute path: redis+unix:///run/redis.sock")
        }
        guard parts.count == 2 else { return RedisAddress(.unixSocket(path: String(path))) }
        guard let number = parts[1].droppingPrefix("db=").flatMap({ Int($0) }), number >= 0 else {
            throw RedisAddressError(message: "a unix socket's URL may end in ?db=NUMBER, and in nothing else")
        }
        return RedisAddress(.unixSocket(path: String(path)), database: number)
    }

    private static func tcp(_ rest: Substring) throws(RedisAddressError) -> RedisAddress {
        var rest = rest
        var user: String?
        var password: Secret?
        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = credentials[0].isEmpty ? nil : percentDecoded(credentials[0])
            if credentials.count == 2 { password = Secret(percentDecoded(credentials[1])) }
            rest = rest[rest.index(after: at)...]
        }
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let (host, port) = try hostAndPort(parts[0])
        var database = 0
        if parts.count == 2, !parts[1].isEmpty {
            guard let number = Int(parts[1]), number >= 0 else {
                throw RedisAddressError(message: "after the host a database number is expected, as in redis://host/0")
            }
            database = number
        }
        return RedisAddress(.tcp(host: host, port: port), user: user, password: password, database: database)
    }

    private static func hostAndPort(_ text: Substring) throws(RedisAddressError) -> (String, Int) {
        var host = text
        var port = 6379
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            guard let number = Int(text[text.index(after: colon)...]), (1...65_535).contains(number) else {
                throw RedisAddressError(message: "a port is a number from 1 to 65535")
            }
            (host, port) = (text[..<colon], number)
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else {
            throw RedisAddressError(message: "the host is missing; expected redis://host:port/0")
        }
        return (String(host), port)
    }

    private static func percentDecoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Why a text is no Redis URL.
public struct RedisAddressError: Error, Hashable, Sendable {
    public let message: String

    public init(message: String) { self.message = message }
}

extension StringProtocol {
    /// What follows the prefix; `nil` where the text does not begin with it.
    func droppingPrefix(_ prefix: String) -> SubSequence? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }
}
