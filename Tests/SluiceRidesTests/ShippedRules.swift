import Foundation
import SluiceCore

extension BruteForce.Rules {
    /// The shipped features by name.
    static let shipped: [String: BruteForce.Rules] = [
        "rider_activity": .init(
            stream: "riders", retention: 30 * 86_400_000_000, rows: riderRows, entity: ["rider_id"],
            eventTime: "occurred_at", revision: nil, deleteWhen: "is_deleted"),
        "driver_status": .init(
            stream: "drivers", retention: nil, rows: driverRows, entity: ["driver_id"], eventTime: "window_end",
            revision: "pane", deleteWhen: nil),
        "zone_demand": .init(
            stream: "rides", retention: nil, rows: zoneRows, entity: ["city", "zone"], eventTime: "at", revision: nil,
            deleteWhen: nil),
    ]

    @Sendable private static func riderRows(_ record: [String: Any], _ line: String) -> [[String: Value]] {
        guard let status = record["status"] as? String, status != "test" else { return [] }
        var row: [String: Value] = [:]
        for name in ["rider_id", "occurred_at", "name", "rides_30d", "spend_30d", "rating", "is_deleted"] {
            row[name] = sqlValue(record[name])
        }
        if case .text(let city) = sqlValue(record["city"]) {
            row["city"] = .text(String(city.map { $0.isASCII ? Character($0.lowercased()) : $0 }))
        }
        row["home_zone"] = sqlValue((record["home"] as? [String: Any])?["zone"])
        return [row]
    }

    @Sendable private static func driverRows(_ record: [String: Any], _ line: String) -> [[String: Value]] {
        guard sqlValue(record["online"]) == .integer(1) else { return [] }
        var row: [String: Value] = [:]
        for name in ["driver_id", "window_end", "pane", "battery", "odometer_mm", "trips"] {
            row[name] = sqlValue(record[name])
        }
        let plate = sqlValue((record["vehicle"] as? [String: Any])?["plate"])
        row["plate"] = plate == .null ? .text("unknown") : plate
        row["charge"] =
            switch row["battery"] {
            case .real(let battery): .text(battery < 0.25 ? "low" : battery < 0.75 ? "fair" : "full")
            default: .text("unknown")
            }
        // The text of a nested value, which stands last in its record.
        row["tags"] = line.firstRange(of: "\"tags\":").map { .text(String(line[$0.upperBound...].dropLast())) } ?? .null
        return [row]
    }

    @Sendable private static func zoneRows(_ record: [String: Any], _ line: String) -> [[String: Value]] {
        guard let stage = record["stage"] as? String, stage != "cancelled" else { return [] }
        return (record["stops"] as? [[String: Any]] ?? []).enumerated().map { place, stop in
            var row: [String: Value] = [:]
            for name in ["city", "at", "ride_id", "stage", "surge"] { row[name] = sqlValue(record[name]) }
            for name in ["zone", "wait_s"] { row[name] = sqlValue(stop[name]) }
            row["demand"] =
                switch row["surge"] {
                case .real(1.5...): .text("high")
                case .real(let surge) where surge > 1: .text("raised")
                case .real: .text("normal")
                default: .null
                }
            row["stop_no"] = .integer(Int64(place + 1))
            row["amount"] = sqlValue((stop["price"] as? [String: Any])?["amount"])
            row["price"] = .null
            if case .real(let amount) = row["amount"] {
                row["price"] = .text("{\"amount\":\(amount),\"currency\":\"EUR\"}")
            }
            return row
        }
    }
}
