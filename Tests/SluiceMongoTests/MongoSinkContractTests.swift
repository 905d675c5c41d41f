import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceMongo

@Suite(.serialized, .enabled(if: MongoServer.isAvailable, "mongod is not installed"))
struct MongoSinkContractTests {
    static let server = Result { try MongoServer.start() }

    @Test(arguments: SinkLaw.all)
    func `the Mongo sink keeps the law that`(_ law: SinkLaw) async throws {
        let server = try Self.server.get()
        try await onThread { try law.check(on: MongoSinkHarness(server)) }
    }
}

final class MongoSinkHarness: SinkHarness {
    private let server: ServerProcess
    private let store: MongoStore
    private var refused: [String] = []

    init(_ server: ServerProcess) {
        self.server = server
        store = MongoStore(server)
    }

    func makeSink() -> any Sink { MongoSink(store.configuration) }

    func makeSinkWithLossyAnswers() throws -> LossySink {
        let proxy = try FaultProxy(to: server.port)
        return LossySink(sink: MongoSink(MongoStore(port: proxy.port).configuration)) {
            proxy.loseReply(toRequestContaining: "$replaceWith")
        }
    }

    func state(of featureVersion: FeatureVersion) throws -> [StoredRow] { try store.state(of: featureVersion) }

    /// By the collection's validation.
    func refuse(_ entity: String, of featureVersion: FeatureVersion) throws {
        refused.append(entity)
        try store.command { command in
            command.append(
                refused.count == 1 ? "create" : "collMod", "\(featureVersion.feature)_v\(featureVersion.version)")
            command.begin("validator")
            command.begin("_id")
            command.begin("$nin", isArray: true)
            for (place, entity) in refused.enumerated() { command.append("\(place)", entity) }
            command.end()
            command.end()
            command.end()
        }
    }

    func takeDown() { server.kill() }
    func bringUp() throws { try server.restart() }
}
