import SluiceCore
import SluiceRecords
import SluiceTesting
import SluiceTransform

/// The clock of all tests: 2026-01-01T00:00:00Z.
let testNow = EventTime(iso8601: "2026-01-01T00:00:00Z")!

/// A definition with the keys that most tests do not care for.
func definition(
    _ sql: String, entity: [String] = ["id"], eventTime: String = "t", unit: EpochUnit = .milliseconds,
    revision: String? = nil, deleteWhen: String? = nil, retention: Duration? = nil
) -> FeatureDefinition {
    FeatureDefinition(
        featureVersion: FeatureVersion("rides", 1), entity: entity, eventTime: eventTime, eventTimeUnit: unit,
        revision: revision, deleteWhen: deleteWhen, retention: retention, sql: sql)
}

/// The lines as one batch of a file: the position of each is where it would stand there.
func batch(_ lines: [String], format: RecordFormat = .json) -> RecordBatch {
    batch(lines.map { Array($0.utf8) }, format: format)
}

func batch(_ lines: [[UInt8]], format: RecordFormat = .json) -> RecordBatch {
    RecordBatch(lines: lines, format: format, ordinal: 3)
}

extension CompiledTransform {
    func apply(_ lines: [String], format: RecordFormat = .json, keepsVersions: Bool = false) throws -> TransformedBatch
    {
        try apply(
            batch(lines, format: format), lane: .realtime, now: testNow, maxFutureSkew: .seconds(300),
            keepsVersions: keepsVersions)
    }

    /// The values of the rows of these lines, none of which may be refused.
    static func rows(_ sql: String, _ lines: [String], format: RecordFormat = .json) throws -> [[String: Value]] {
        let result = try CompiledTransform(definition(sql)).apply(lines, format: format)
        guard result.refusals.isEmpty else { throw Unexpected(result.refusals.map(\.detail).joined(separator: "; ")) }
        return result.rows.all.map(\.values)
    }
}

extension RowBatch {
    var all: [Row] { (0..<count).map { self[$0] } }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
