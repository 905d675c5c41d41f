import Glibc
import SluiceCore

/// Writes the events of a made-up ride-hailing company, and what the shipped features must make of them:
///
///     DIR/riders/bootstrap/part-00000.ndjson      records, framed by control records
///     DIR/riders/realtime/events-00000.ndjson     records
///     DIR/drivers/realtime/…    DIR/rides/bootstrap/…    DIR/rides/realtime/…
///     DIR/expected/<feature>.ndjson               one line per entity: the row that wins
///     DIR/expected/summary.json                   what a run must count
///
/// Memory grows with the entities (at most 350,000 riders and drivers), not with the rows.
public struct RidesGenerator: Sendable {
    /// The shares of the three streams in all rows, in percent.
    private static let shares = (riders: 50, drivers: 20)

    private let options: RidesOptions
    private let progress: @Sendable (_ written: Int) -> Void

    /// - Parameter progress: told how many records stand, now and then.
    public init(options: RidesOptions, progress: @escaping @Sendable (_ written: Int) -> Void = { _ in }) {
        self.options = options
        self.progress = progress
    }

    /// Writes everything below `folder`, which must not hold events yet. A failure leaves what was written until then.
    public func write(to folder: String) throws(RidesError) -> RidesSummary {
        let expected = "\(folder)/expected"
        for part in [RiderScript.stream, DriverScript.stream, RideScript.stream, "expected"]
        where access("\(folder)/\(part)", F_OK) == 0 {
            throw .alreadyThere(path: "\(folder)/\(part)")
        }
        try makeFolder(expected)
        let riders = options.rows * Self.shares.riders / 100
        let drivers = options.rows * Self.shares.drivers / 100
        let summary = RidesSummary(
            seed: options.seed, anchor: options.anchor,
            features: [
                try write(RiderScript.self, rows: riders, before: 0, to: folder),
                try write(DriverScript.self, rows: drivers, before: riders, to: folder),
                try write(
                    RideScript.self, rows: options.rows - riders - drivers, before: riders + drivers, to: folder),
            ])
        var file = try OutputFile(path: "\(expected)/summary.json")
        try file.append(summary.json)
        try file.finish()
        return summary
    }

    /// One stream with all its lanes, bootstrap first, and the expected state of its feature.
    private func write<Script: EventScript>(
        _: Script.Type, rows: Int, before: Int, to folder: String
    ) throws(RidesError) -> RidesSummary.Feature {
        var stream = StreamWriter<Script>(options: options)
        let realtime = Script.lanes == [.realtime] ? rows : Int(Double(rows) * options.realtimeShare)
        var written = before
        for lane in Script.lanes {
            let path = "\(folder)/\(Script.stream)/\(lane)"
            try makeFolder(path)
            let count = lane == .realtime ? realtime : rows - realtime
            for part in 0..<options.parts {
                let range = count * part / options.parts..<count * (part + 1) / options.parts
                try stream.write(range, of: count, lane: lane, part: part, to: path) { progress(written + $0) }
                written += range.count
            }
        }
        var file = try OutputFile(path: "\(folder)/expected/\(Script.feature).ndjson")
        let size = try stream.expectation.write(to: &file, retention: Script.retention)
        try file.finish()
        return RidesSummary.Feature(
            feature: Script.feature, stream: Script.stream, entities: size.entities, tombstones: size.tombstones,
            lanes: stream.expectation.counts)
    }
}
