import Foundation
import SluiceTesting
import Testing

/// Real events, as five features on three sinks, against an oracle that was computed by another program.
@Suite(.serialized, .enabled(if: EventData.folder != nil, "SLUICE_EVENT_DATA names the folder of the event data"))
struct EventDataTests {
    @Test(arguments: ["in_order", "bootstrap", "halves", "shuffled", "twice"])
    func `every sink ends in the oracle's state, however the rows come`(arrangement: String) async throws {
        let stage = try await Stage()
        let seed = UInt32.random(in: 0 ... .max)
        let data = try #require(EventData.folder)
        try await script("stage", data, arrangement, stage, "--seed", "\(seed)").expectSuccess("staging")
        let drained = try await stage.drain()
        try drained.expectSuccess("seed \(seed)")
        try stage.write("run.json", drained.output)
        try await script("compare", data, arrangement, stage).expectSuccess("seed \(seed)")
    }

    private func script(
        _ command: String, _ data: String, _ arrangement: String, _ stage: Stage, _ more: String...
    ) async throws -> Ended {
        let path = "\(Repository.root)/Tests/SluiceAcceptanceTests/Support/event_data.py"
        let servers = ["--redis-port", "\(stage.redis.port)", "--mongo-port", "\(stage.mongo.port)"]
        return try await Command(
            Repository.python, [path, command, data, stage.folder, arrangement] + servers + more
        ).run()
    }
}

enum EventData {
    /// The folder of the data, made absolute; `nil` where there is none.
    static let folder = ProcessInfo.processInfo.environment["SLUICE_EVENT_DATA"].map {
        URL(fileURLWithPath: $0, relativeTo: URL(fileURLWithPath: Repository.root)).path
    }
}
