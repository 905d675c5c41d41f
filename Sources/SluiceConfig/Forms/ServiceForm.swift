internal import SluiceCore

/// The keys of `sluice.yaml`.
enum ServiceForm {
    static let form = Form(
        "service",
        .required("deployment", .name(dashes: true), "Names the fleet: cursors, leases and metrics carry it."),
        features, sinks,
        .required("coordination", .mapping(coordination), "Where replicas keep cursors, leases, grants and versions."),
        .section("admin", admin, "Where the admin API and the dashboard listen."),
        .section("dead_letters", deadLetters, "Where refused records are kept."),
        .defaulted(
            "drain_timeout", .duration("1s", "1h"), "20s", "How long a stopping process may settle what is in flight."),
        .defaulted(
            "max_future_skew", .duration("0s", "365d"), "5m",
            "How far ahead of the clock an event time may lie before its row is refused.")
    ) { _, deployment, _, _, coordination, admin, deadLetters, drainTimeout, maxFutureSkew in
        ServicePlan(
            deployment: deployment, coordination: coordination, admin: admin, deadLetters: deadLetters,
            drainTimeout: drainTimeout, maxFutureSkew: maxFutureSkew)
    }

    static let features = Field.required("features", .path("a folder of feature files"), "Folder of feature files.")
    static let sinks = Field.required("sinks", .path("a folder of sink files"), "Folder of sink files.")

    private static let coordination: Form<CoordinationPlan> = Form(
        "coordination",
        .kind(
            [
                Kind(
                    "file",
                    Form(
                        "coordination",
                        .defaulted(
                            "path", .path("a folder"), "../.sluice", "Folder of the embedded database, for one process."
                        )
                    ) { _, path in CoordinationPlan.file(path: path) }),
                Kind(
                    "redis",
                    Form(
                        "coordination",
                        .required("url", .redisURL, "The Redis server on which the fleet agrees."),
                        .defaulted(
                            "max_replicas", .integer(1...1000), "8",
                            "How many replicas may live at once; one more waits until there is room.")
                    ) { _, address, replicas in CoordinationPlan.redis(address: address, maxReplicas: replicas) }),
            ], "One embedded store on one host, or a Redis server for a fleet.")
    ) { _, plan in plan }

    private static let admin = Form(
        "admin section",
        .defaulted("listen", .listenAddress, "127.0.0.1:7070", "Address and port of the admin API."),
        .optional("token", .secret, "What callers must show; required beyond loopback.")
    ) { mapping, address, token -> AdminPlan? in
        if token == nil, !address.isLoopback {
            mapping.report(
                at: "listen", "`listen` reaches beyond this host, and there is no `token`",
                "expected `token: \"${env:NAME}\"` or `${file:/path}`, or a loopback address such as 127.0.0.1:7070")
            return nil
        }
        return AdminPlan(host: address.host, port: address.port, token: token)
    }

    private static let deadLetters: Form<DeadLettersPlan> = Form(
        "dead_letters section",
        .kind(
            [
                Kind(
                    "file",
                    Form(
                        "dead_letters section",
                        .defaulted(
                            "path", .path("a folder"), "../.sluice/dead-letters", "Folder of the dead letters.")
                    ) { _, path in DeadLettersPlan.Store.file(path: path) }),
                Kind(
                    "redis",
                    Form(
                        "dead_letters section",
                        .required("url", .redisURL, "The Redis server that keeps the dead letters."),
                        .required("stream", .redisStream, "The Redis Stream that they are appended to.")
                    ) { _, address, stream in DeadLettersPlan.Store.redis(address: address, stream: stream) }),
            ], default: "file", "What kind of store keeps them."),
        .defaulted(
            "max_share", .share, "5%", "The refused share of a feature's records beyond which the feature pauses.")
    ) { _, store, maxShare in DeadLettersPlan(store: store, maxShare: maxShare) }
}

/// A host and a port, as in `127.0.0.1:7070` or `[::1]:7070`.
struct ListenAddress: Sendable {
    var host: String
    var port: Int

    /// Whether only this host reaches it.
    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") && isIPv4 }

    private var isIPv4: Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension ValueType where Value == ListenAddress {
    static let listenAddress = scalar("host:port, such as 127.0.0.1:7070") { text throws(ValueError) in
        let problem = ValueError(
            found: "\(quoted(text)) is no host and port", expected: "expected host:port, such as 127.0.0.1:7070")
        guard let colon = text.lastIndex(of: ":") else { throw problem }
        let (host, digits) = (text[..<colon], text[colon...].dropFirst())
        guard digits.utf8.allSatisfy(isDigit), let port = UInt16(digits) else { throw problem }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.utf8.count > 2
        let inner = isBracketed ? host.dropFirst().dropLast() : host
        let isPlain = inner.utf8.allSatisfy {
            isLetter($0) || isDigit($0) || ".-_".utf8.contains($0) || isBracketed && $0 == UInt8(ascii: ":")
        }
        guard !inner.isEmpty, isPlain else { throw problem }
        return ListenAddress(host: String(inner), port: Int(port))
    }
}

extension ValueType where Value == String {
    static let redisStream = line("the key of a Redis Stream", atMost: 512)
}
