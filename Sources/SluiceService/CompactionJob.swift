public import SluiceConfig
internal import SluiceCore
internal import SluiceFiles

/// One compaction as a person asks for it: of a feature, by its name, in the file sink that it writes to.
public struct CompactionJob {
    /// What it came to.
    public struct Summary: Encodable {
        public let feature: String
        public let version: Int
        public let sink: String
        public let path: String
        public let segments: Int
        public let rows: Int
        public let expired: Int
        public let entities: Int
        public let tombstones: Int

        /// One line.
        public var text: String {
            "\(feature) v\(version) in \(sink): \(rows) rows of \(segments) segments became \(entities) entities"
                + " (\(tombstones) deleted, \(expired) rows expired) in \(path)"
        }
    }

    private let sink: String
    private let featureVersion: FeatureVersion
    private let compaction: Compaction

    /// - Parameters:
    ///   - version: the greatest that is configured, unless given; one that is no longer configured may be given.
    ///   - sink: needed where the feature writes to several file sinks.
    public init(_ configuration: Configuration, feature: String, version: Int?, sink: String?) throws(ServiceError) {
        let plans = configuration.features.filter { $0.definition.featureVersion.feature == feature }
        let plan =
            version.map { number in plans.first { $0.definition.featureVersion.version == number } }
            ?? plans.max { $0.definition.featureVersion < $1.definition.featureVersion }
        guard let number = version ?? plan?.definition.featureVersion.version else {
            let known = Set(configuration.features.map(\.definition.featureVersion.feature)).sorted()
            throw .configuration("there is no feature '\(feature)'; there are \(known.joined(separator: ", "))")
        }
        let names = sink.map { [$0] } ?? plan?.sinks ?? configuration.sinks.keys.sorted()
        let folders = names.compactMap { name -> (name: String, path: String)? in
            guard case .file(let path, _) = configuration.sinks[name]?.kind else { return nil }
            return (name, path)
        }
        guard let folder = folders.first else {
            throw .configuration("\(feature) v\(number) writes to no file sink; only those keep history to compact")
        }
        guard folders.count == 1 else {
            let names = folders.map(\.name).joined(separator: ", ")
            throw .configuration("\(feature) v\(number) may be in several file sinks (\(names)); say which by --sink")
        }
        self.sink = folder.name
        featureVersion = FeatureVersion(feature, number)
        compaction = Compaction(
            root: folder.path, featureVersion: featureVersion, retention: plan?.definition.retention, now: .now)
    }

    /// Compacts.
    ///
    /// - Parameter progress: given a line now and then that says how far it is.
    public func run(progress: @escaping (String) -> Void) throws(ServiceError) -> Summary {
        let started = MonotonicTime.now
        do throws(CompactionError) {
            let summary = try compaction.run { report in
                let elapsed = (MonotonicTime.now - started).inSeconds
                let left = report.fraction > 0 ? elapsed / report.fraction * (1 - report.fraction) : 0
                let rate = Int(Double(report.rows) / max(elapsed, 0.001))
                progress(
                    "\(Int(report.fraction * 100))% \(DrainProgress.grouped(rate)) rows/s "
                        + "\(DrainProgress.clock(left)) left")
            }
            return Summary(
                feature: featureVersion.feature, version: featureVersion.version, sink: sink, path: summary.path,
                segments: summary.segments, rows: summary.rows, expired: summary.expired, entities: summary.entities,
                tombstones: summary.tombstones)
        } catch {
            throw .unavailable(error.reason)
        }
    }
}
