import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceFiles

/// The laws of all sinks, kept by history: its state is the greatest version per entity.
@Suite struct FileSinkContractTests {
    @Test(arguments: SinkLaw.all)
    func `history in plain files keeps the law that`(_ law: SinkLaw) async throws {
        try await onThread { try law.check(on: FileSinkHarness(compression: .none)) }
    }

    @Test(arguments: SinkLaw.all)
    func `history in compressed files keeps the law that`(_ law: SinkLaw) async throws {
        try await onThread { try law.check(on: FileSinkHarness(compression: .gzip)) }
    }
}

private final class FileSinkHarness: SinkHarness {
    private let folder: TemporaryFolder
    private let compression: FileSink.Compression

    init(compression: FileSink.Compression) throws {
        folder = try TemporaryFolder()
        self.compression = compression
    }

    let keepsHistory = true

    let lawsPassedOver = [
        "infinities are kept": "JSON has none: the row is refused, which FileSinkRowTests tries",
        "what the store refuses is named, and the others land":
            "a folder refuses no entity; FileSinkRowTests tries what the sink refuses",
        "a row is gone once it has expired": "history knows no expiry; compaction leaves out what has expired",
        "a newer row moves the expiry, in either direction and away": "history knows no expiry",
        "a lost answer is trouble, and writing again changes nothing":
            "no answer travels; FileSinkCrashTests tries a crash after the last step",
        "a store that is down is trouble, and the sink recovers by itself":
            "a folder has no server; FileSinkTroubleTests takes its disk away",
        "a store that restarted between two batches is met again":
            "a folder has no server; FileSinkCrashTests ends the writer",
    ]

    func makeSink() throws -> any Sink { FileSink(.init(path: folder.path, compression: compression)) }

    func state(of featureVersion: FeatureVersion) throws -> [StoredRow] {
        let history = History(root: folder.path, featureVersion: featureVersion)
        try history.check()
        return try history.state()
    }

    func makeSinkWithLossyAnswers() throws -> LossySink { throw NotTried() }
    func refuse(_ entity: String, of featureVersion: FeatureVersion) throws { throw NotTried() }
    func takeDown() throws { throw NotTried() }
    func bringUp() throws { throw NotTried() }

    private struct NotTried: Error {}
}
