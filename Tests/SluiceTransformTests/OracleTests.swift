import Foundation
import SluiceCore
import SluiceRecords
import SluiceTransform
import Testing

/// Rows against what other programs make of the same records.
@Suite struct OracleTests {
    @Test func `selected members keep the values that Foundation wrote`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let transform = try CompiledTransform(definition("SELECT id, t, a, b, c || '' AS c, d + 0 AS d FROM events"))
        for _ in 0..<20 {
            let written = (0..<64).map { randomValues($0, &random) }
            let result = try transform.apply(written.map(json))
            #expect(result.refusals.isEmpty, "seed \(seed): \(result.refusals)")
            #expect(result.rows.all.map(\.values) == written, "seed \(seed)")
        }
    }

    private func randomValues(_ id: Int, _ random: inout SeededGenerator) -> [String: Value] {
        let texts = ["", "plain", "é€😀", "quote\" \\ slash/", "line\nbreak\u{1}", "a\u{0}b", "{\"x\":1}", "12"]
        let number: Value =
            switch Int.random(in: 0..<3, using: &random) {
            case 0: .integer(Int64.random(in: .min ... .max, using: &random))
            case 1: .real(Double.random(in: -1e300...1e300, using: &random))
            default: .null
            }
        return [
            "id": .integer(Int64(id)), "t": .integer(Int64.random(in: 0...1_700_000_000_000, using: &random)),
            "a": .text(texts.randomElement(using: &random)!), "b": number,
            // SQLite joins texts up to a NUL.
            "c": .text(texts.filter { !$0.contains("\u{0}") }.randomElement(using: &random)!),
            "d": .integer(Int64.random(in: -1_000_000...1_000_000, using: &random)),
        ]
    }

    private func json(_ values: [String: Value]) throws -> String {
        let object = values.mapValues { value -> Any in
            switch value {
            case .null: NSNull()
            case .integer(let number): number
            case .real(let number): number
            case .text(let text): text
            }
        }
        return String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    /// Real events, for which another program worked out what must come of them.
    @Test(
        .enabled(if: eventData != nil, "SLUICE_EVENT_DATA names no folder of event data"),
        arguments: ["wiki_user", "wiki_page_human", "flights_aircraft", "flights_route_long", "flights_aircraft_day"])
    func `real events give the rows that an independent program counted`(query: String) async throws {
        let folder = try #require(eventData)
        let json = try Data(contentsOf: URL(filePath: folder + "/expected.json"))
        let queries = try #require(try JSONSerialization.jsonObject(with: json) as? [String: [String: Any]])
        let expected = try #require(queries[query])
        let keys = try #require(expected["key"] as? [String])
        let time = try #require(expected["event_time"] as? String)
        let file = try #require((expected["files"] as? [String])?.first)
        var lines = try await unpacked(folder + "/" + file).split(separator: UInt8(ascii: "\n"))
        var format = RecordFormat.json
        if file.contains(".csv") {
            format = .csv(
                header: String(decoding: lines.removeFirst(), as: UTF8.self).split(separator: ",").map(String.init))
        }
        // Fields of CSV are text, which sorts after any number.
        let sql = try #require(expected["sql"] as? String).replacing("FROM stream", with: "FROM events")
            .replacing("WHERE distance", with: "WHERE CAST(distance AS REAL)")
        let transform = try CompiledTransform(definition(sql, entity: keys, eventTime: time))

        var counts: [String: Int] = [:]
        var newest: [String: WriteVersion] = [:]
        var times: [EventTime] = []
        for start in stride(from: 0, to: lines.count, by: 256) {
            let records = batch(lines[start..<min(start + 256, lines.count)].map { Array($0) }, format: format)
            let result = try transform.apply(records, lane: .bootstrap, now: testNow, maxFutureSkew: .zero)
            counts["rows_in", default: 0] += result.dataRecords
            counts["filtered_out", default: 0] += result.filtered
            counts["null_key", default: 0] += result.refusals.count { $0.reason == .badEntity }
            counts["null_time", default: 0] += result.refusals.count { $0.reason == .badEventTime }
            counts["rows_out", default: 0] += result.rows.count
            for row in result.rows.all {
                // A batch's positions begin at 0 here, so the place in the file is what tells ties apart.
                let version = WriteVersion(
                    eventTime: row.version.eventTime, revision: 0, lane: .bootstrap,
                    position: Position(fileOrdinal: 0, offset: UInt64(start + row.record)), index: 0)
                if let held = newest[row.entity], held > version {
                    counts["stale", default: 0] += 1
                } else {
                    newest[row.entity] = version
                }
                times.append(version.eventTime)
            }
        }
        for count in ["rows_in", "filtered_out", "null_key", "null_time", "rows_out", "stale"] {
            #expect(counts[count, default: 0] == expected[count] as? Int, "\(count)")
        }
        #expect(newest.count == expected["keys"] as? Int)
        #expect(times.min()?.microseconds == (expected["t_min"] as? NSNumber)?.int64Value)
        #expect(times.max()?.microseconds == (expected["t_max"] as? NSNumber)?.int64Value)
    }
}

/// The folder of event data, if there is one on this machine.
private let eventData = ProcessInfo.processInfo.environment["SLUICE_EVENT_DATA"]

/// The contents of a packed file. It waits for the other program on a thread of its own.
private func unpacked(_ path: String) async throws -> Data {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(
                with: Result {
                    let process = Process()
                    let output = Pipe()
                    process.executableURL = URL(filePath: "/bin/gzip")
                    process.arguments = ["-dc", path]
                    process.standardOutput = output
                    try process.run()
                    let contents = output.fileHandleForReading.readDataToEndOfFile()
                    process.waitUntilExit()
                    return contents
                })
        }
    }
}
