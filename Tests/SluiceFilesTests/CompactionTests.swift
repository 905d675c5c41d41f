import Foundation
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceFiles

@Suite struct CompactionTests {
    private let folder: TemporaryFolder
    private let rides = TestRows(FeatureVersion("rides", 1), columns: ["text", "count"])

    init() throws { folder = try TemporaryFolder() }

    private var history: History { History(root: folder.path, featureVersion: rides.featureVersion) }
    private var viewPath: String { "\(folder.path)/rides/v1/latest/latest.ndjson" }

    private func compaction(
        retention: Duration? = nil, now: EventTime = TestRow.epoch, limits: CompactionLimits = CompactionLimits()
    ) -> Compaction {
        Compaction(
            root: folder.path, featureVersion: rides.featureVersion, retention: retention, now: now, limits: limits)
    }

    private func keep(_ batches: [[TestRow]], compression: FileSink.Compression = .none) throws {
        let sink = FileSink(.init(path: folder.path, compression: compression))
        for batch in batches { #expect(try sink.deliver(rides(batch)) == batch.map { _ in .applied }) }
        sink.close()
    }

    /// The rows between the control records, which must frame them.
    private func viewRows() throws -> [FlatObject] {
        let lines = try History.lines(of: viewPath)
        let begin = try #require(
            lines.first?.wholeMatch(of: #/\{"_sluice":"begin","run":"([0-9a-f-]+)","keeps_versions":true\}/#))
        #expect(lines.last == "{\"_sluice\":\"end\",\"run\":\"\(begin.1)\",\"count\":\(lines.count - 2)}")
        return try lines.dropFirst().dropLast().map { try FlatObject(line: $0) }
    }

    private func failure(_ body: () throws -> Void) -> CompactionError? {
        do {
            try body()
            return nil
        } catch {
            return error as? CompactionError
        }
    }

    @Test(arguments: [
        CompactionLimits(), CompactionLimits(textInMemory: 20_000, parts: 5, levels: 3),
        CompactionLimits(textInMemory: 1000, parts: 3, levels: 2),
        CompactionLimits(textInMemory: 1, parts: 256, levels: 1),
    ])
    func `the view holds the greatest row of each entity, however the history is divided`(
        _ limits: CompactionLimits
    ) async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("compaction: seed \(seed)")
        try await onThread {
            var random = SeededGenerator(seed: seed)
            let rows = (0..<3000).map { number in
                TestRow(
                    Bool.random(using: &random) ? "hot" : "e|\"\\é\(Int.random(in: 0..<400, using: &random))",
                    at: Double(Int.random(in: 0..<400_000, using: &random)), ["count": .integer(Int64(number))],
                    lane: Bool.random(using: &random) ? .realtime : .bootstrap, offset: UInt64(number),
                    isDeleted: Int.random(in: 0..<5, using: &random) == 0)
            }
            try keep([Array(rows[..<1000]), Array(rows[1000...])])
            try keep([Array(rows[..<500])], compression: .gzip)
            let summary = try compaction(limits: limits).run()
            let view = try viewRows()
            let expected = Dictionary(grouping: rows, by: \.entity).values.compactMap {
                $0.max { $0.version < $1.version }
            }
            #expect(view.count == expected.count, "one row per entity")
            let found = try history.state()
            #expect(
                try History.state(of: view).sorted { $0.entity < $1.entity } == found.sorted { $0.entity < $1.entity })
            #expect(Set(found.map(\.version)) == Set(expected.map(\.version.description)))
            #expect(
                summary
                    == CompactionSummary(
                        path: viewPath, segments: try history.segments().count, rows: 3500, expired: 0,
                        entities: expected.count, tombstones: expected.count { $0.isDeleted },
                        bytes: try Data(contentsOf: URL(fileURLWithPath: viewPath)).count))
        }
    }

    @Test func `rows stand in the view as they stand in the history, tombstones too`() async throws {
        try await onThread {
            try keep([[TestRow("a", at: 1, ["text": "x\n"]), TestRow("b", at: 2, isDeleted: true)]])
            let lines = Set(try history.lines())
            _ = try compaction().run()
            #expect(Set(try History.lines(of: viewPath).dropFirst().dropLast()) == lines)
        }
    }

    @Test func `what has expired is left out`() async throws {
        try await onThread {
            try keep([[TestRow("a", at: -60), TestRow("b", at: -59), TestRow("c", at: -100), TestRow("c", at: -10)]])
            let summary = try compaction(retention: .seconds(60)).run()
            #expect(Set(try History.state(of: viewRows()).map(\.entity)) == ["b", "c"])
            #expect(summary.expired == 2 && summary.rows == 4 && summary.entities == 2)
        }
    }

    @Test func `a history without rows makes an empty view`() async throws {
        try await onThread {
            try keep([[TestRow("a", at: -60)]])
            let summary = try compaction(retention: .seconds(1)).run()
            #expect(try viewRows().isEmpty && summary.entities == 0)
        }
    }

    @Test func `each compaction is a run of its own, and replaces the view at once`() async throws {
        try await onThread {
            try keep([[TestRow("a", at: 1)]])
            _ = try compaction().run()
            let before = try History.lines(of: viewPath)
            let reader = try #require(FileHandle(forReadingAtPath: viewPath))
            try keep([[TestRow("b", at: 1)]])
            _ = try compaction().run()
            let after = try History.lines(of: viewPath)
            #expect(after.count == 4 && after[0] != before[0])
            let old = String(decoding: try reader.readToEnd() ?? Data(), as: UTF8.self)
            #expect(old.split(separator: "\n").map(String.init) == before, "who has the old view open reads it whole")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path + "/rides/v1/latest").sorted() == [
                    "_lock", "latest.ndjson",
                ])
        }
    }

    @Test func `it counts what is listed while a sink goes on`() async throws {
        try await onThread {
            var limits = FileSinkLimits()
            limits.bufferBytes = 1
            let sink = FileSink(.init(path: folder.path), limits: limits)
            #expect(try sink.deliver(rides(TestRow("a", at: 1))) == [.applied])
            try sink.write(rides(TestRow("b", at: 1)), now: TestRow.epoch)
            #expect(try compaction().run().entities == 1)
            #expect(try sink.settle(flush: true) == [[.applied]])
            #expect(try compaction().run().entities == 2)
            sink.close()
        }
    }

    @Test func `progress grows to the whole`() async throws {
        try await onThread {
            let text = Value.text(String(repeating: "x", count: 100_000))
            try keep([(0..<100).map { TestRow("e\($0)", at: 1, ["text": text]) }])
            var told: [CompactionProgress] = []
            _ = try compaction(limits: CompactionLimits(textInMemory: 1 << 20)).run { told.append($0) }
            #expect(told.count >= 4 && told.last == CompactionProgress(fraction: 1, rows: 100))
            #expect(zip(told, told.dropFirst()).allSatisfy { $0.rows <= $1.rows })
        }
    }

    @Test func `a feature version that was never written is not found`() async throws {
        await onThread {
            for featureVersion in [FeatureVersion("rides", 1), FeatureVersion("../rides", 1), FeatureVersion("", 1)] {
                let compaction = Compaction(root: folder.path, featureVersion: featureVersion, now: TestRow.epoch)
                guard case .notFound = failure({ _ = try compaction.run() }) else {
                    Issue.record("\(featureVersion) was found")
                    return
                }
            }
            #expect(folder.files.isEmpty)
        }
    }

    @Test func `only one compaction runs at a time`() async throws {
        try await onThread {
            try keep([[TestRow("a", at: 1, ["text": .text(String(repeating: "x", count: 5 << 20))])]])
            var inner: CompactionError?
            _ = try compaction().run { _ in
                if inner == nil { inner = failure { _ = try compaction().run() } }
            }
            guard case .busy = inner else {
                Issue.record("a second compaction is \(String(describing: inner))")
                return
            }
            #expect(try viewRows().count == 1)
        }
    }

    @Test func `what an interrupted compaction left is removed`() async throws {
        try await onThread {
            try keep([[TestRow("a", at: 1)]])
            let latest = folder.path + "/rides/v1/latest"
            try FileManager.default.createDirectory(atPath: latest, withIntermediateDirectories: true)
            for name in ["_latest.ndjson", "_spill"] {
                try Data("torn".utf8).write(to: URL(fileURLWithPath: "\(latest)/\(name)"))
            }
            _ = try compaction().run()
            #expect(try FileManager.default.contentsOfDirectory(atPath: latest).sorted() == ["_lock", "latest.ndjson"])
        }
    }

    /// How a file is hurt, and what must be said.
    static let damages: [(name: String, hurt: @Sendable (inout Data) -> Void, finding: String)] = [
        ("a byte changed", { $0[3] ^= 1 }, "its line 1 is no row"),
        ("a column changed", { $0[$0.count - 4] ^= 1 }, "its CRC is not the listed one"),
        ("a line lost", { $0 = $0.prefix($0.firstIndex(of: 0x0a)! + 1) }, "bytes, not"),
        ("an end lost", { $0.removeLast() }, "bytes, not"),
        ("a line more", { $0.append(contentsOf: $0.prefix($0.firstIndex(of: 0x0a)! + 1)) }, "bytes, not"),
    ]

    @Test(arguments: damages.indices)
    func `a segment that is not what was listed is named, and the old view stays`(_ place: Int) async throws {
        let damage = Self.damages[place]
        try await onThread {
            try keep([[TestRow("a", at: 1, ["count": 5]), TestRow("b", at: 1, ["count": 5])]])
            _ = try compaction().run()
            let before = try History.lines(of: viewPath)
            let path = "\(folder.path)/rides/v1/\(try history.segments()[0].path)"
            var data = try Data(contentsOf: URL(fileURLWithPath: path))
            damage.hurt(&data)
            try data.write(to: URL(fileURLWithPath: path))
            let found = failure { _ = try compaction().run() }
            guard case .damaged(let reason) = found else {
                Issue.record("\(damage.name) was not found, but \(String(describing: found))")
                return
            }
            #expect(reason.contains(path) && reason.contains(damage.finding), "\(reason)")
            #expect(try History.lines(of: viewPath) == before)
        }
    }

    @Test func `a compressed segment that is damaged is named`() async throws {
        try await onThread {
            try keep([[TestRow("a", at: 1, ["count": 5])]], compression: .gzip)
            let path = "\(folder.path)/rides/v1/\(try history.segments()[0].path)"
            var data = try Data(contentsOf: URL(fileURLWithPath: path))
            data[data.count / 2] ^= 0xff
            try data.write(to: URL(fileURLWithPath: path))
            guard case .damaged(let reason) = failure({ _ = try compaction().run() }) else {
                Issue.record("the damage was not found")
                return
            }
            #expect(reason.contains(path))
        }
    }

    @Test func `a listed segment that is missing is named`() async throws {
        try await onThread {
            try keep([[TestRow("a", at: 1)]])
            let path = "\(folder.path)/rides/v1/\(try history.segments()[0].path)"
            try FileManager.default.removeItem(atPath: path)
            let reason = "\(path) is listed in a manifest and missing; restore it from a copy"
            #expect(failure { _ = try compaction().run() } == .damaged(reason))
        }
    }

    @Test func `a damaged manifest is named by line; a torn end is not damage`() async throws {
        try await onThread {
            try keep([[TestRow("a", at: 1), TestRow("b", at: 90_000), TestRow("c", at: 180_000)]])
            let name = try #require(folder.files.first { $0.contains("_manifest/") })
            let path = URL(fileURLWithPath: "\(folder.path)/\(name)")
            let whole = try Data(contentsOf: path)
            try whole.dropLast(10).write(to: path)
            #expect(try history.segments().count == 2)
            try (whole.dropLast(1) + Data(count: 50)).write(to: path)
            #expect(try history.segments().count == 2)
            var damaged = whole
            let second = try #require(whole.firstIndex(of: 0x0a)) + 60
            damaged[second] ^= 1
            try damaged.write(to: path)
            let reason = "\(path.path):2: the line is not what was written; restore the file from a copy"
            #expect(throws: ManifestError.damaged(reason)) { try history.segments() }
            #expect(failure { _ = try compaction().run() } == .damaged(reason))
        }
    }

    @Test func `a manifest line reads back`() {
        let segment = ListedSegment(
            path: "date=2024-05-01/part-w-00000001.ndjson", rows: 1, bytes: 2, textBytes: 3, crc: 0xf,
            versionLeast: TestRow("a", at: 1).version, versionGreatest: TestRow("a", at: 2).version)
        let line = segment.manifestLine
        #expect(ListedSegment(manifestLine: line.dropLast()) == segment)
        for place in line.indices.dropLast() {
            var torn = line
            torn[place] ^= 1
            #expect(ListedSegment(manifestLine: torn.dropLast()) == nil)
            #expect(ListedSegment(manifestLine: line[..<place]) == nil)
        }
    }
}
