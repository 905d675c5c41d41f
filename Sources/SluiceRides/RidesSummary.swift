public import SluiceCore

/// What was written, and what a run over it must count.
public struct RidesSummary: Sendable, Hashable {
    /// What one of the shipped features must end with.
    public struct Feature: Sendable, Hashable {
        public let feature: String
        /// The folder of its stream.
        public let stream: String
        /// Entities that its sinks hold in the end, deleted ones among them.
        public let entities: Int
        /// Of these, the deleted ones.
        public let tombstones: Int
        public let lanes: [Lane: LaneCounts]
    }

    public let seed: UInt64
    /// The newest event times lie here.
    public let anchor: EventTime
    public let features: [Feature]

    /// Data records in all streams together.
    public var records: Int { features.reduce(0) { $0 + $1.lanes.values.reduce(0) { $0 + $1.records } } }
}

/// What one sink must count of one lane.
public struct LaneCounts: Sendable, Hashable {
    /// Data records; control records are not among them.
    public internal(set) var records = 0
    public internal(set) var filtered = 0
    public internal(set) var refused = 0
    /// Rows that the other records make.
    public internal(set) var rows = 0
    /// Of these, rows whose retention was over before they came.
    public internal(set) var expired = 0
    public internal(set) var refusedByReason: [RefusalReason: Int] = [:]
}

extension RidesSummary {
    /// The summary as the JSON of `expected/summary.json`.
    var json: [UInt8] {
        var json = JSONText()
        json.open("{")
        json.member("seed", String(seed))
        json.member("anchor", anchor.description)
        json.member("records", Int64(records))
        json.name("features")
        json.open("{")
        for feature in features {
            json.name(feature.feature)
            json.open("{")
            json.member("stream", feature.stream)
            json.member("entities", Int64(feature.entities))
            json.member("tombstones", Int64(feature.tombstones))
            json.name("lanes")
            json.open("{")
            for lane in Lane.allCases {
                guard let counts = feature.lanes[lane] else { continue }
                json.name(lane.description)
                write(counts, to: &json)
            }
            json.close("}")
            json.close("}")
        }
        json.close("}")
        json.close("}")
        json.newline()
        return json.bytes
    }

    private func write(_ counts: LaneCounts, to json: inout JSONText) {
        json.open("{")
        json.member("records", Int64(counts.records))
        json.member("filtered", Int64(counts.filtered))
        json.member("refused", Int64(counts.refused))
        json.member("rows", Int64(counts.rows))
        json.member("expired", Int64(counts.expired))
        json.name("refused_by_reason")
        json.open("{")
        for reason in RefusalReason.allCases {
            if let count = counts.refusedByReason[reason] { json.member(reason.rawValue, Int64(count)) }
        }
        json.close("}")
        json.close("}")
    }
}
