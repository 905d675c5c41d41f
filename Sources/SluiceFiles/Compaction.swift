public import SluiceCore

/// Writes the newest row of every entity of a feature version's history as one NDJSON view,
/// `<path>/<feature>/v<version>/latest/latest.ndjson`, which is also a bootstrap stream for a later version:
///
///     {"_sluice":"begin","run":"b8f0a1c2d3e4-9d8c7b6a","keeps_versions":true}
///     {"_entity":…,"_v":…,…}          one line per entity, as it stands in the history; tombstones too
///     {"_sluice":"end","run":"b8f0a1c2d3e4-9d8c7b6a","count":1}
///
/// It reads what the manifests list, so sinks may go on writing; what they finish meanwhile may be in it or not. The new view takes the old one's place
/// at once; who has the old one open reads it to its end.
///
/// **Memory** stays near 100 MiB, whatever the number of entities: history of more than 32 MiB is divided by the
/// entities' hashes over files without a name, which need as much room on the disk as the history's text.
public struct Compaction: Sendable {
    private let root: String
    private let featureVersion: FeatureVersion
    private let limits: CompactionLimits
    /// Rows of this event time or an earlier one have expired.
    private let expiredAt: EventTime?
    private let run: String

    /// - Parameters:
    ///   - root: the `path` of the file sink.
    ///   - retention: the feature version's; rows that have outlived it are left out.
    ///   - now: the wall clock.
    public init(root: String, featureVersion: FeatureVersion, retention: Duration? = nil, now: EventTime) {
        self.init(
            root: root, featureVersion: featureVersion, retention: retention, now: now, limits: CompactionLimits())
    }

    init(
        root: String, featureVersion: FeatureVersion, retention: Duration?, now: EventTime, limits: CompactionLimits
    ) {
        self.root = root
        self.featureVersion = featureVersion
        self.limits = limits
        expiredAt = retention.map { now.advanced(by: .zero - $0) }
        run = "\(String(now.microseconds, radix: 16))-\(String(UInt32.random(in: .min ... .max), radix: 16))"
    }

    /// Does it. Blocks for as long as reading the history, once or twice, and writing the view take.
    ///
    /// - Parameter progress: called after each 4 MiB of text or so, and at the end.
    public func run(
        progress: @escaping (CompactionProgress) -> Void = { _ in }
    ) throws(CompactionError) -> CompactionSummary {
        let history = try openHistory()
        let view = try CompactionView.begin(in: history, run: run)
        do throws(CompactionError) {
            let manifests = ManifestReader(root: root, featureVersion: featureVersion)
            var textBytes = 0
            try manifests.forEachSegment(
                onTrouble: Self.error(of:),
                visit: { (segment) throws(CompactionError) in textBytes += segment.textBytes })
            let meter = CompactionMeter(total: textBytes, progress: progress)
            let reduction = CompactionReduction(into: view, limits: limits, meter: meter)
            try reduction.reduce(textBytes: textBytes) { (visit) throws(CompactionError) in
                try manifests.forEachSegment(
                    onTrouble: Self.error(of:),
                    visit: { (segment) throws(CompactionError) in try read(segment, from: history, meter, visit) })
            }
            let bytes = try view.finish()
            meter.tell()
            return CompactionSummary(
                path: view.path, segments: meter.segments, rows: meter.rows, expired: meter.expired,
                entities: view.rows, tombstones: reduction.tombstones, bytes: bytes)
        } catch {
            view.abandon()
            throw error
        }
    }

    private func openHistory() throws(CompactionError) -> Folder {
        let found = try compacting { () throws(DiskFault) -> Folder? in
            guard HistoryLayout.isValid(featureVersion), let root = try Folder.existing(root) else { return nil }
            return try root.folder(HistoryLayout.path(of: featureVersion))
        }
        guard let found else {
            throw .notFound(
                "\(root) holds nothing of \(featureVersion); check the feature, its version and the sink's path")
        }
        return found
    }

    private static func error(of trouble: ManifestError) -> CompactionError {
        switch trouble {
        case .damaged(let reason): .damaged(reason)
        case .unreachable(let reason): .unreachable(reason)
        }
    }

    /// Reads a segment's rows that have not expired. To leave the others out at once changes no winner: where an
    /// entity's newest row has expired, so have all its rows, since versions begin with the event time.
    private func read(
        _ segment: ListedSegment, from history: borrowing Folder, _ meter: CompactionMeter,
        _ visit: CompactionReduction.Visit
    ) throws(CompactionError) {
        let path = "\(history.path)/\(segment.path)"
        let found = try compacting { () throws(DiskFault) -> OpenFile? in
            let names = segment.names
            guard let folder = try history.folder(names.dropLast()) else { return nil }
            return try folder.openToRead(names[names.count - 1])
        }
        guard let file = found else {
            throw .damaged("\(path) is listed in a manifest and missing; restore it from a copy")
        }
        try SegmentReader(segment: segment, path: path).forEachLine(of: file) { (line) throws(CompactionError) in
            let isExpired = expiredAt.map { line.eventTime <= $0 } ?? false
            meter.didRead(line, isExpired: isExpired)
            if !isExpired { try visit(line) }
        }
        meter.didRead(segment)
    }
}
