import Foundation
import SluiceCore

/// Reads the files of one stream from front to end, and works out what its feature must end with: slowly, plainly, and
/// apart from the generator.
struct BruteForce {
    /// A feature's rules, as its file in `config/features` tells them.
    struct Rules: Sendable {
        let stream: String
        let retention: Int64?
        /// The rows that the SQL makes of a record; none if it is filtered.
        let rows: @Sendable (_ record: [String: Any], _ line: String) -> [[String: Value]]
        let entity: [String]
        let eventTime: String
        let revision: String?
        let deleteWhen: String?
    }

    struct Winner: Equatable {
        var rank: [UInt64]
        var isDeleted: Bool
        var columns: [String: Value]
    }

    var winners: [String: Winner] = [:]
    var counts: [Lane: [String: Int]] = [:]
    /// How often a row met a winner of its own event time, by what decided between them.
    var ties: [String: Int] = [:]
    /// Rows whose event time lies before their lane's greatest so far.
    var late = 0
    var repeatedLines = 0

    init(rules: Rules, folder: URL, anchor: EventTime) throws {
        for lane in Lane.allCases {
            let path = folder.appending(path: "\(rules.stream)/\(lane)")
            guard FileManager.default.fileExists(atPath: path.path) else { continue }
            counts[lane] = [:]
            var greatest: Int64 = .min
            var lines: Set<Data> = []
            for (number, name) in try FileManager.default.contentsOfDirectory(atPath: path.path).sorted().enumerated() {
                var offset = 0
                for line in try Data(contentsOf: path.appending(path: name)).split(separator: UInt8(ascii: "\n")) {
                    defer { offset += line.count + 1 }
                    if line.starts(with: Data(#"{"_sluice""#.utf8)) { continue }
                    let inserted = lines.insert(line).inserted
                    repeatedLines += inserted ? 0 : 1
                    let rank = [UInt64(lane.rawValue), UInt64(number), UInt64(offset)]
                    take(line, rules: rules, lane: lane, rank: rank, anchor: anchor, greatest: &greatest)
                }
            }
        }
    }

    private mutating func count(_ lane: Lane, _ name: String, _ number: Int = 1) {
        counts[lane]![name, default: 0] += number
    }

    private mutating func take(
        _ line: Data, rules: Rules, lane: Lane, rank: [UInt64], anchor: EventTime, greatest: inout Int64
    ) {
        count(lane, "records")
        guard let text = String(data: line, encoding: .utf8),
            let record = try? JSONSerialization.jsonObject(with: line) as? [String: Any]
        else { return refuse(lane, .unreadable) }
        let rows = rules.rows(record, text)
        if rows.isEmpty { return count(lane, "filtered") }

        var candidates: [(entity: String, winner: Winner, time: Int64)] = []
        for (index, row) in rows.enumerated() {
            guard let entity = entity(of: row, columns: rules.entity) else { return refuse(lane, .badEntity) }
            guard let time = time(row[rules.eventTime]!) else { return refuse(lane, .badEventTime) }
            if time > anchor.microseconds + 300_000_000 { return refuse(lane, .futureEventTime) }
            var revision: Int64 = 0
            if let name = rules.revision {
                guard case .integer(let number) = row[name]!, UInt32(exactly: number) != nil
                else { return refuse(lane, .badRevision) }
                revision = number
            }
            let isDeleted = rules.deleteWhen.map { row[$0]! == .integer(1) } ?? false
            let full = [UInt64(bitPattern: time), UInt64(revision)] + rank + [UInt64(index)]
            candidates.append((entity, Winner(rank: full, isDeleted: isDeleted, columns: row), time))
        }
        count(lane, "rows", candidates.count)
        for candidate in candidates {
            if let retention = rules.retention, candidate.time + retention <= anchor.microseconds {
                count(lane, "expired")
                continue
            }
            if candidate.time < greatest { late += 1 }
            greatest = max(greatest, candidate.time)
            compete(candidate.entity, candidate.winner)
        }
    }

    private mutating func refuse(_ lane: Lane, _ reason: RefusalReason) {
        count(lane, "refused")
        count(lane, reason.rawValue)
    }

    private mutating func compete(_ entity: String, _ candidate: Winner) {
        guard let winner = winners[entity] else {
            winners[entity] = candidate
            return
        }
        if winner.rank[0] == candidate.rank[0] {
            let names = ["time", "revision", "lane", "file", "offset", "index"]
            ties[names[zip(winner.rank, candidate.rank).enumerated().first { $1.0 != $1.1 }!.offset], default: 0] += 1
        }
        if winner.rank.lexicographicallyPrecedes(candidate.rank) { winners[entity] = candidate }
    }

    private func entity(of row: [String: Value], columns: [String]) -> String? {
        var parts: [String] = []
        for column in columns {
            switch row[column]! {
            case .text(let text):
                parts.append(
                    text.unicodeScalars.map { scalar in
                        "%|{}".unicodeScalars.contains(scalar) || scalar.value < 32 || scalar.value == 127
                            ? String(format: "%%%02X", scalar.value) : String(scalar)
                    }.joined())
            case .integer(let number): parts.append("\(number)")
            case .null, .real: return nil
            }
        }
        return parts.joined(separator: "|")
    }

    /// Microseconds; by Foundation's calendar.
    private func time(_ value: Value) -> Int64? {
        switch value {
        case .integer(let milliseconds): return milliseconds * 1000
        case .null, .real: return nil
        case .text(let text):
            let pattern = #/(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|\+02:00)?/#
            guard let match = text.wholeMatch(of: pattern),
                let date = try? Date("\(match.1)T\(match.2)Z", strategy: .iso8601),
                // Foundation takes 30 February for 2 March.
                date.ISO8601Format() == "\(match.1)T\(match.2)Z"
            else { return nil }
            let fraction = Int64((match.3.map(String.init) ?? "").padding(toLength: 6, withPad: "0", startingAt: 0))!
            let zone: Int64 = match.4 == "+02:00" ? 7_200_000_000 : 0
            return Int64(date.timeIntervalSince1970) * 1_000_000 + fraction - zone
        }
    }
}

/// A JSON value as SQL sees it; nested values are not among them.
func sqlValue(_ value: Any?) -> Value {
    switch value {
    case let text as String: .text(text)
    case let number as NSNumber:
        switch String(cString: number.objCType) {
        case "d": .real(number.doubleValue)
        default: .integer(number.int64Value)
        }
    default: .null
    }
}
