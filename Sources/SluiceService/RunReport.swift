public import SluiceCore

/// What a run did, for `--json` and for people.
public struct RunReport: Sendable, Encodable {
    /// One lane of one feature version before one sink.
    public struct Line: Sendable, Encodable {
        public let feature: String
        public let version: Int
        public let sink: String
        public let lane: String
        public let totals: LaneTotals

        enum CodingKeys: String, CodingKey {
            case feature, version, sink, lane, records, filtered, refused, rows
            case applied, stale, duplicate, superseded, expired
            case deadLettered = "dead_lettered"
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(feature, forKey: .feature)
            try container.encode(version, forKey: .version)
            try container.encode(sink, forKey: .sink)
            try container.encode(lane, forKey: .lane)
            try container.encode(totals.records, forKey: .records)
            try container.encode(totals.filtered, forKey: .filtered)
            try container.encode(totals.refused, forKey: .refused)
            try container.encode(totals.rows, forKey: .rows)
            try container.encode(totals[.applied], forKey: .applied)
            try container.encode(totals[.stale], forKey: .stale)
            try container.encode(totals[.duplicate], forKey: .duplicate)
            try container.encode(totals[.superseded], forKey: .superseded)
            try container.encode(totals[.expired], forKey: .expired)
            try container.encode(totals[.deadLettered], forKey: .deadLettered)
        }
    }

    public let deployment: String
    public let configHash: String
    public let seconds: Double
    public let rows: [Line]
    /// Why a drain ended without having settled everything; empty when it has.
    public let shortfalls: [String]

    enum CodingKeys: String, CodingKey {
        case deployment
        case configHash = "config_hash"
        case seconds, rows
    }

    init(deployment: String, configHash: String, seconds: Double, statuses: [GatewayStatus], shortfalls: [String]) {
        self.deployment = deployment
        self.configHash = configHash
        self.seconds = (seconds * 1000).rounded() / 1000
        self.shortfalls = shortfalls
        rows = statuses.flatMap { status in
            status.lanes.map { lane in
                Line(
                    feature: lane.stream.featureVersion.feature, version: lane.stream.featureVersion.version,
                    sink: status.sink, lane: "\(lane.stream.lane)", totals: lane.totals)
            }
        }
    }
}
