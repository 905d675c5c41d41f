import Foundation
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceFiles

/// What a row looks like on the disk.
@Suite struct FileSinkRowTests {
    private let folder: TemporaryFolder
    private let rides = TestRows(FeatureVersion("rides", 2), columns: ["rider_id", "city", "rides_30d", "ratio"])

    init() throws { folder = try TemporaryFolder() }

    private func lines(_ rows: [TestRow]) async throws -> [String] {
        let (path, rides) = (folder.path, rides)
        return try await onThread {
            let sink = FileSink(.init(path: path))
            #expect(try sink.deliver(rides(rows)) == rows.map { _ in .applied })
            sink.close()
            return try History(root: path, featureVersion: rides.featureVersion).lines()
        }
    }

    @Test func `a row is a line of its entity, version, time, lane and columns in their order`() async throws {
        let row = TestRow("r42", at: 0, ["rider_id": "r42", "city": "Köln", "rides_30d": 7, "ratio": 0.1])
        let line = """
            {"_entity":"r42","_v":"\(row.version)","_event_time":"2023-11-14T22:13:20Z","_lane":"realtime",\
            "rider_id":"r42","city":"Köln","rides_30d":7,"ratio":0.1}
            """
        #expect(try await lines([row]) == [line])
    }

    @Test func `a column that is NULL is absent`() async throws {
        let row = TestRow("e", at: 0, ["rides_30d": 0], lane: .bootstrap)
        let line = """
            {"_entity":"e","_v":"\(row.version)","_event_time":"2023-11-14T22:13:20Z","_lane":"bootstrap","rides_30d":0}
            """
        #expect(try await lines([row]) == [line])
    }

    @Test func `a tombstone holds no columns`() async throws {
        let row = TestRow("e", at: 0.25, ["city": "Köln", "rides_30d": 7], isDeleted: true)
        let line = """
            {"_entity":"e","_v":"\(row.version)","_event_time":"2023-11-14T22:13:20.250000Z","_lane":"realtime",\
            "_deleted":true}
            """
        #expect(try await lines([row]) == [line])
    }

    @Test func `quotes, backslashes and control characters are escaped wherever they stand`() async throws {
        for length in 0..<20 {
            for odd in ["\"", "\\", "\n", "\u{0}", "\u{1f}", "\u{7f}", "é"] {
                var line = LineBuffer(capacity: 1)
                let text = String(repeating: "x", count: length) + odd + String(repeating: "é ", count: 20 - length)
                Array(text.utf8).withUnsafeBufferPointer { line.appendEscaped($0) }
                let written = line.withBytes { String(decoding: $0, as: UTF8.self) }
                #expect(try FlatObject(line: "{\"text\":\"\(written)\"}").members == ["text": .text(text)])
            }
        }
    }

    @Test func `a double is written as the shortest text that reads back equal`() {
        let seed = UInt64.random(in: .min ... .max)
        print("doubles: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let edges: [Double] = [
            0, -0.0, 1, -1, 0.1, 1e15, 1e16, 1e17, 9_007_199_254_740_991, 9_007_199_254_740_992, 9_007_199_254_740_994,
            -9_007_199_254_740_991, 1e300, .leastNonzeroMagnitude,
        ]
        let bits = (0..<20_000).map { _ in Double(bitPattern: random.next()) }.filter(\.isFinite)
        let whole = (0..<20_000).map { _ in
            Double(Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random))
        }
        for number in edges + bits + whole {
            var line = LineBuffer(capacity: 1)
            line.append(number)
            let text = line.withBytes { String(decoding: $0, as: UTF8.self) }
            #expect(text == number.description)
        }
    }

    @Test(arguments: [0, 1, -1, 9, 10, -10, 99, 100, .max, .max - 1, .min, .min + 1] as [Int64])
    func `an integer is written with all its digits`(_ number: Int64) {
        var line = LineBuffer(capacity: 1)
        line.append(number)
        #expect(line.withBytes { String(decoding: $0, as: UTF8.self) } == String(number))
    }

    @Test func `a number that is not finite refuses its row and no other`() async throws {
        let (path, rides) = (folder.path, rides)
        try await onThread {
            let sink = FileSink(.init(path: path))
            let verdicts = try sink.deliver(
                rides(
                    TestRow("above", at: 0, ["city": "c", "ratio": .real(.infinity)]),
                    TestRow("e", at: 1, ["ratio": 1.5]),
                    TestRow("below", at: 2, ["ratio": .real(-.infinity)]),
                    TestRow("none", at: 100_000, ["ratio": .real(.nan)])))
            let refused = SinkVerdict.refused(
                "column `ratio` holds a number that is not finite, which JSON cannot hold")
            #expect(verdicts == [refused, .applied, refused, refused])
            let history = History(root: path, featureVersion: rides.featureVersion)
            try history.check()
            #expect(try history.state().map(\.entity) == ["e"])
            sink.close()
        }
    }

    @Test func `rows lie by the UTC date of their event time, also before 1970`() async throws {
        let times: [(String, String)] = [
            ("2024-02-29T23:59:59.999999Z", "date=2024-02-29"), ("2024-03-01T00:00:00Z", "date=2024-03-01"),
            ("1969-12-31T23:59:59.999999Z", "date=1969-12-31"), ("1970-01-01T00:00:00Z", "date=1970-01-01"),
            ("1000-01-01T00:00:00Z", "date=1000-01-01"),
        ]
        let rows = times.enumerated().map { place, time in
            var row = TestRow("e\(place)", at: 0)
            row.eventTime = EventTime(iso8601: time.0)!
            return row
        }
        #expect(try await lines(rows).count == rows.count)
        let dates = folder.files.filter { $0.contains("/date=") }.map { String($0.split(separator: "/")[2]) }
        #expect(dates == times.map(\.1).sorted())
        let (path, featureVersion) = (folder.path, rides.featureVersion)
        let found = try History(root: path, featureVersion: featureVersion).rows().map { $0.members["_event_time"] }
        #expect(Set(found) == Set(times.map { .text($0.0) }))
    }

    @Test func `the tree holds dates, a manifest and nothing else once the sink is closed`() async throws {
        _ = try await lines([TestRow("e", at: 0)])
        let files = folder.files
        #expect(files.count == 2)
        #expect(files[0].wholeMatch(of: #/rides/v2/_manifest/[0-9a-f-]+\.ndjson/#) != nil)
        #expect(files[1].wholeMatch(of: #/rides/v2/date=2023-11-14/part-[0-9a-f-]+-00000001\.ndjson/#) != nil)
    }

    @Test func `compressed files are read by gzip`() async throws {
        let (path, rides) = (folder.path, rides)
        let rows = (0..<5000).map { TestRow("e\($0)", at: Double($0) / 1000, ["rides_30d": .integer(Int64($0))]) }
        let text = try await onThread {
            var limits = FileSinkLimits()
            limits.bufferBytes = 64 << 10
            let sink = FileSink(.init(path: path, compression: .gzip), limits: limits)
            #expect(try sink.deliver(rides(rows)) == rows.map { _ in .applied })
            sink.close()
            let history = History(root: path, featureVersion: rides.featureVersion)
            try history.check()
            let segment = try history.segments()[0]
            #expect(segment.path.hasSuffix(".ndjson.gz") && segment.bytes < segment.textBytes / 4)
            let gzip = Process()
            gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
            gzip.arguments = ["-dc", "\(path)/rides/v2/\(segment.path)"]
            let pipe = Pipe()
            gzip.standardOutput = pipe
            try gzip.run()
            let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
            gzip.waitUntilExit()
            #expect(gzip.terminationStatus == 0 && text.count == segment.textBytes)
            return String(decoding: text, as: UTF8.self)
        }
        #expect(text.split(separator: "\n").count == rows.count)
    }
}
