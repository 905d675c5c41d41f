import Foundation
import SluiceCore
import Synchronization
import Testing

@testable import SluiceRides

@Suite struct RidesGeneratorTests {
    private static let anchor = EventTime(iso8601: "2026-03-01T12:00:00Z")!

    /// Writes events into a folder that is deleted afterwards.
    private func withEvents<Result>(
        _ options: RidesOptions, _ body: (URL, RidesSummary) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rides-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let summary = try RidesGenerator(options: options).write(to: folder.path)
        return try body(folder, summary)
    }

    private func contents(of folder: URL) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where name.hasSuffix("json") {
            contents[name] = try Data(contentsOf: folder.appending(path: name))
        }
        return contents
    }

    static let variants: [RidesOptions] = [
        RidesOptions(rows: 6000, seed: 1, anchor: anchor, refusedShare: 0.03),
        RidesOptions(rows: 4000, seed: 2, anchor: anchor, parts: 5, realtimeShare: 0.5),
        RidesOptions(rows: 2000, seed: 3, anchor: anchor, parts: 1, realtimeShare: 1),
        RidesOptions(rows: 2000, seed: 4, anchor: anchor, realtimeShare: 0, duplicateShare: 0.3, tieShare: 0.5),
        RidesOptions(rows: 2000, seed: 5, anchor: anchor, deletedShare: 0.5, refusedShare: 0.3),
        RidesOptions(rows: 1, seed: 6, anchor: anchor),
    ]

    @Test(arguments: variants)
    func `the expected end state is what reading the files from front to end gives`(options: RidesOptions) throws {
        try withEvents(options) { folder, summary in
            for feature in summary.features {
                let rules = try #require(BruteForce.Rules.shipped[feature.feature])
                let read = try BruteForce(rules: rules, folder: folder, anchor: Self.anchor)
                try expect(read, folder: folder, feature: feature, retention: rules.retention)
            }
        }
    }

    private func expect(
        _ read: BruteForce, folder: URL, feature: RidesSummary.Feature, retention: Int64?
    ) throws {
        let data = try Data(contentsOf: folder.appending(path: "expected/\(feature.feature).ndjson"))
        var entities: Set<String> = []
        for line in data.split(separator: UInt8(ascii: "\n")) {
            let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            let entity = try #require(object["entity"] as? String)
            #expect(entities.insert(entity).inserted, "\(entity) is told twice")
            let winner = try #require(read.winners[entity], "\(entity) was never written")
            #expect(object["deleted"] as? Bool == winner.isDeleted)
            let text = try #require(object["version"] as? String)
            let version = try #require(WriteVersion(text: text))
            #expect(winner.rank == version.members)
            #expect(sqlValue(object["expires"]) == retention.map { .integer(Int64(winner.rank[0]) + $0) } ?? .null)
            let columns = try #require(object["columns"] as? [String: Any])
            #expect(columns.mapValues(sqlValue) == (winner.isDeleted ? [:] : winner.columns), "\(entity)")
        }
        #expect(entities.count == read.winners.count)
        #expect(feature.entities == entities.count)
        #expect(feature.tombstones == read.winners.values.count { $0.isDeleted })
        for (lane, counts) in feature.lanes { #expect(counts.named == read.counts[lane], "\(feature.feature) \(lane)") }
    }

    @Test func `every trouble of real streams is among the events`() throws {
        try withEvents(Self.variants[0]) { folder, summary in
            var ties: [String: Int] = [:]
            var reasons: Set<RefusalReason> = []
            for feature in summary.features {
                let rules = try #require(BruteForce.Rules.shipped[feature.feature])
                let read = try BruteForce(rules: rules, folder: folder, anchor: Self.anchor)
                #expect(read.late > 0)
                #expect(read.repeatedLines > 0)
                ties.merge(read.ties, uniquingKeysWith: +)
                for counts in feature.lanes.values {
                    #expect(counts.filtered > 0)
                    reasons.formUnion(counts.refusedByReason.keys)
                }
            }
            for decidedBy in ["revision", "lane", "file", "offset", "index"] {
                #expect(ties[decidedBy, default: 0] > 0, "no tie was decided by the \(decidedBy)")
            }
            #expect(reasons == [.unreadable, .badEntity, .badEventTime, .futureEventTime, .badRevision])
            let riders = try #require(summary.features.first)
            #expect(riders.tombstones > 0)
            #expect(riders.lanes[.bootstrap]!.expired > 0)
        }
    }

    @Test(arguments: variants)
    func `each bootstrap file is a part framed by control records that count it`(options: RidesOptions) throws {
        try withEvents(options) { folder, summary in
            for feature in summary.features where feature.stream != "drivers" {
                var records = 0
                for part in 0..<options.parts {
                    let name = "\(feature.stream)/bootstrap/part-0000\(part).ndjson"
                    let lines = try Data(contentsOf: folder.appending(path: name)).split(separator: UInt8(ascii: "\n"))
                    let run = "\"run\":\"seed-\(options.seed)\",\"part\":\(part)"
                    #expect(
                        lines.first.map { String(decoding: $0, as: UTF8.self) }
                            == "{\"_sluice\":\"begin\",\(run),\"parts\":\(options.parts)}")
                    #expect(
                        lines.last.map { String(decoding: $0, as: UTF8.self) }
                            == "{\"_sluice\":\"end\",\(run),\"count\":\(lines.count - 2)}")
                    records += lines.count - 2
                }
                #expect(records == feature.lanes[.bootstrap]?.records ?? 0)
            }
            #expect(summary.records == options.rows)
        }
    }

    @Test func `equal options make equal bytes and another seed makes others`() throws {
        let options = RidesOptions(rows: 2000, seed: 7, anchor: Self.anchor)
        let once = try withEvents(options) { folder, _ in try contents(of: folder) }
        let again = try withEvents(options) { folder, _ in try contents(of: folder) }
        #expect(once.count == 14)
        #expect(once == again)

        var other = options
        other.seed = 8
        let different = try withEvents(other) { folder, _ in try contents(of: folder) }
        #expect(different.keys == once.keys)
        for (name, bytes) in different { #expect(bytes != once[name], "\(name)") }
    }

    @Test func `memory does not grow with the rows`() async {
        await #expect(processExitsWith: .success) {
            let folder = FileManager.default.temporaryDirectory.appending(path: "rides-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            let anchor = EventTime(iso8601: "2026-03-01T12:00:00Z")!
            let before = try peakMemory()
            let summary = try RidesGenerator(options: RidesOptions(rows: 50_000, seed: 1, anchor: anchor))
                .write(to: folder.path)
            precondition(summary.records == 50_000)
            // The files are 13 MB; 2,500 riders and their like, and the buffers, are a fraction of that.
            let growth = try peakMemory() - before
            precondition(growth < 6 << 20, "the peak grew by \(growth) bytes")
        }
    }

    @Test func `progress reaches the number of rows`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rides-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let seen = Mutex<[Int]>([])
        let options = RidesOptions(rows: 5000, seed: 1, anchor: Self.anchor)
        _ = try RidesGenerator(options: options) { written in
            seen.withLock { $0.append(written) }
        }.write(to: folder.path)
        let values = seen.withLock { $0 }
        #expect(values.last == 5000)
        #expect(values == values.sorted())
    }

    @Test func `events are not mixed with others that are there`() throws {
        let options = RidesOptions(rows: 100, seed: 1, anchor: Self.anchor)
        try withEvents(options) { folder, _ in
            _ = #expect(throws: RidesError.alreadyThere(path: "\(folder.path)/riders")) {
                try RidesGenerator(options: options).write(to: folder.path)
            }
        }
    }

    @Test func `a folder that cannot be made is named with the reason`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "rides-\(UUID().uuidString)")
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let error = #expect(throws: RidesError.self) {
            try RidesGenerator(options: RidesOptions(rows: 1, seed: 1, anchor: Self.anchor)).write(to: file.path)
        }
        #expect(error?.description == "\(file.path)/expected: cannot be created: Not a directory")
    }

    @Test func `JSON is escaped where it must be and nowhere else`() throws {
        var json = JSONText()
        json.open("[")
        json.text("a\"b\\c\n\t\u{1}é🚕")
        json.escapesBeyondASCII = true
        json.text("é🚕")
        json.close("]")
        #expect(
            String(decoding: json.bytes, as: UTF8.self) == #"["a\"b\\c\n\t\u0001é🚕","\u00e9\ud83d\ude95"]"#)
    }
}

/// The most memory that this process ever had, in bytes.
private func peakMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }!
    return Int(line.split(separator: " ").dropFirst().first { !$0.isEmpty }!.filter(\.isNumber))! << 10
}

extension WriteVersion {
    /// What decides between two versions, in order.
    fileprivate var members: [UInt64] {
        [
            UInt64(bitPattern: eventTime.microseconds), UInt64(revision), UInt64(lane.rawValue),
            UInt64(position.fileOrdinal), position.fileOffset, UInt64(index),
        ]
    }
}

extension LaneCounts {
    /// All that is not zero, by name.
    fileprivate var named: [String: Int] {
        var named = [
            "records": records, "filtered": filtered, "refused": refused, "rows": rows, "expired": expired,
        ]
        for (reason, count) in refusedByReason { named[reason.rawValue] = count }
        return named.filter { $0.value != 0 }
    }
}
