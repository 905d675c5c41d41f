import Foundation
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceFiles

/// What a process leaves that ends at any instant: the tree is copied there, as the system would show it to the next
/// process, and a sink is opened on the copy.
@Suite struct FileSinkCrashTests {
    private static let points: [FaultPoint] = [
        .segmentBeforeRename, .segmentBetweenRenameAndManifest, .manifestAfterAppend,
    ]
    private static let kinds = [
        TestRows(FeatureVersion("rides", 1), columns: ["count"]),
        TestRows(FeatureVersion("trips", 3), columns: ["count"]),
    ]

    @Test(arguments: points, FileSink.Compression.allCases)
    func `after a crash at a fault point nothing is torn, lost or doubly listed`(
        _ point: FaultPoint, _ compression: FileSink.Compression
    ) async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("crash at \(point): seed \(seed)")
        try await onThread {
            var random = SeededGenerator(seed: seed)
            // A generation of several files reaches each point several times.
            for time in 1...9 { try Self.crash(at: point, time: time, compression, &random) }
        }
    }

    private static func crash(
        at point: FaultPoint, time: Int, _ compression: FileSink.Compression, _ random: inout SeededGenerator
    ) throws {
        let (folder, copy) = (try TemporaryFolder(), try TemporaryFolder())
        let crash = Crash(at: point, time: time, of: folder.path, to: copy.path)
        var limits = FileSinkLimits()
        limits.bufferBytesTotal = 0  // text goes to files early
        let sink = FileSink(
            .init(path: folder.path, compression: compression, faults: FaultHook { crash.reached($0) }), limits: limits)
        var written: [[(kind: Int, row: TestRow)]] = []
        var settled = 0
        for number in 0..<60 where !crash.hasHappened {
            let batch = (0..<20).map { _ in randomRow(number, &random) }
            written.append(batch)
            try sink.write(rows(batch), now: TestRow.epoch)
            guard number % 6 == 5 else { continue }
            let before = crash.hasHappened
            let verdicts = try sink.settle(flush: true)
            // The verdicts of the call in which the process ended were never heard.
            if !crash.hasHappened || before { settled += verdicts.count }
        }
        try #require(crash.hasHappened)

        let survivor = FileSink(.init(path: copy.path, compression: compression))
        let unsettled = written[settled...]
        for batch in unsettled { try survivor.write(rows(batch), now: TestRow.epoch) }
        #expect(try survivor.settle(flush: true).count == unsettled.count)
        survivor.close()
        for (kind, rows) in kinds.enumerated() {
            let history = History(root: copy.path, featureVersion: rows.featureVersion)
            try history.check()
            let expected = Dictionary(
                grouping: written.flatMap { $0 }.filter { $0.kind == kind }.map(\.row), by: \.entity
            )
            .mapValues { $0.map(\.version.description).max() }
            let found = Dictionary(uniqueKeysWithValues: try history.state().map { ($0.entity, $0.version) })
            #expect(found == expected.compactMapValues { $0 })
            let versions = Set(try history.rows().map { $0.members["_v"] })
            #expect(
                versions
                    == Set(written.flatMap { $0 }.filter { $0.kind == kind }.map { .text($0.row.version.description) }))
        }
        #expect(copy.files.allSatisfy { !$0.contains("/_part") && !$0.hasPrefix("_writers/") })
        sink.close()
    }

    private static func randomRow(_ number: Int, _ random: inout SeededGenerator) -> (kind: Int, row: TestRow) {
        let row = TestRow(
            "e\(Int.random(in: 0..<30, using: &random))", at: Double(Int.random(in: 0..<5, using: &random)) * 86_400,
            ["count": .integer(Int64(number))], offset: UInt64.random(in: 0..<1 << 40, using: &random))
        return (Int.random(in: 0...1, using: &random), row)
    }

    private static func rows(_ batch: [(kind: Int, row: TestRow)]) -> [Row] {
        batch.flatMap { kinds[$0.kind]($0.row) }
    }

    @Test func `the files of a writer that lives are let alone`() async throws {
        let folder = try TemporaryFolder()
        try await onThread {
            var limits = FileSinkLimits()
            limits.bufferBytes = 1
            let one = FileSink(.init(path: folder.path), limits: limits)
            try one.write(Self.kinds[0](TestRow("e", at: 0)), now: TestRow.epoch)
            #expect(folder.files.contains { $0.contains("/_part") })
            let other = FileSink(.init(path: folder.path))
            #expect(try other.deliver(Self.kinds[0](TestRow("f", at: 0))) == [.applied])
            #expect(try one.settle(flush: true) == [[.applied]])
            let history = History(root: folder.path, featureVersion: Self.kinds[0].featureVersion)
            try history.check()
            #expect(Set(try history.state().map(\.entity)) == ["e", "f"])
            one.close()
            other.close()
        }
    }

    @Test func `a closed sink leaves nothing of what was not settled`() async throws {
        let folder = try TemporaryFolder()
        try await onThread {
            var limits = FileSinkLimits()
            limits.bufferBytes = 1
            let sink = FileSink(.init(path: folder.path), limits: limits)
            try sink.write(Self.kinds[0](TestRow("e", at: 0)), now: TestRow.epoch)
            sink.close()
            #expect(folder.files == [])
        }
    }

    @Test func `a manifest whose last line is torn still says which parts are listed`() async throws {
        let (folder, copy) = (try TemporaryFolder(), try TemporaryFolder())
        try await onThread {
            let crash = Crash(at: .segmentBetweenRenameAndManifest, time: 2, of: folder.path, to: copy.path)
            let sink = FileSink(.init(path: folder.path, faults: FaultHook { crash.reached($0) }))
            _ = try sink.deliver(Self.kinds[0](TestRow("e", at: 0)))
            _ = try sink.deliver(Self.kinds[0](TestRow("f", at: 0)))
            sink.close()
            let manifest = try #require(copy.files.first { $0.contains("/_manifest/") })
            let handle = try #require(FileHandle(forWritingAtPath: "\(copy.path)/\(manifest)"))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data("{\"line_crc\":\"0123".utf8) + Data(count: 100))
            try handle.close()
            let survivor = FileSink(.init(path: copy.path))
            #expect(try survivor.deliver(Self.kinds[0](TestRow("f", at: 0))) == [.applied])
            survivor.close()
            let history = History(root: copy.path, featureVersion: Self.kinds[0].featureVersion)
            try history.check()
            #expect(try history.rows().count == 2)
        }
    }
}

/// Copies a tree when a fault point is reached for the so-many-th time.
private final class Crash: Sendable {
    private let point: FaultPoint
    private let time: Int
    private let source: String
    private let target: String
    private let times = Mutex(0)

    init(at point: FaultPoint, time: Int, of source: String, to target: String) {
        self.point = point
        self.time = time
        self.source = source
        self.target = target
    }

    var hasHappened: Bool { times.withLock { $0 >= time } }

    func reached(_ point: FaultPoint) {
        guard point == self.point,
            times.withLock({
                $0 += 1
                return $0 == time
            })
        else { return }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: source)) ?? [] {
            try? FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: "\(target)/\(name)")
        }
    }
}
