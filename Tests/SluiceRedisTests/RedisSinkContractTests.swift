import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceRedis

@Suite(.serialized, .enabled(if: RedisServer.isAvailable, "redis-server is not installed"))
struct RedisSinkContractTests {
    static let server = Result { try RedisServer.start(isDurable: true) }

    @Test(arguments: SinkLaw.all)
    func `the Redis sink keeps the law that`(_ law: SinkLaw) async throws {
        let server = try Self.server.get()
        try await onThread { try law.check(on: RedisSinkHarness(server)) }
    }
}

final class RedisSinkHarness: SinkHarness {
    private let store: RedisStore

    init(_ server: ServerProcess) { store = RedisStore(server) }

    func makeSink() -> any Sink { RedisSink(RedisSinkConfiguration(address: store.address)) }

    func makeSinkWithLossyAnswers() throws -> LossySink {
        let proxy = try FaultProxy(to: store.server.port)
        let address = RedisAddress(.tcp(host: "127.0.0.1", port: proxy.port))
        return LossySink(sink: RedisSink(RedisSinkConfiguration(address: address))) {
            proxy.loseReply(toRequestContaining: "EVALSHA")
        }
    }

    func state(of featureVersion: FeatureVersion) throws -> [StoredRow] {
        try store.state(of: featureVersion)
    }

    /// Redis keeps text.
    func stored(_ value: Value) -> Value? {
        switch value {
        case .null: nil
        case .integer(let number): .text(String(number))
        case .real(let number): .text(number.description)
        case .text: value
        }
    }

    func refuse(_ entity: String, of featureVersion: FeatureVersion) throws {
        try store.call("SET", "\(featureVersion.feature):\(featureVersion.version):{\(entity)}", "a string")
    }

    func takeDown() { store.server.kill() }
    func bringUp() throws { try store.server.restart() }
}
