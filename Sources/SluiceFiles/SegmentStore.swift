internal import SluiceCore

/// The segments that one incarnation of a writer has open, which are finished all together:
///
///     write and sync the files → rename them → sync their folders → append to the manifests → sync these
///
/// so that a file that is listed is whole, and is there. A few files are synced one by one; for many, one sync of the
/// file system costs less, though it waits for what others have written, too. After a thrown fault only `abandon` may
/// be called.
final class SegmentStore {
    /// A row schema, and the open segments of its rows by day. Two schemas of one feature version never share a file.
    private final class Target {
        let columns: RowColumns
        var segments: [Int64: Segment] = [:]

        init(_ schema: RowSchema) { columns = RowColumns(schema) }
    }

    private let root: Folder
    private let lease: WriterLease
    private let limits: FileSinkLimits
    private let faults: FaultHook
    private let encoder: GzipEncoder?
    private let suffix: String
    private var targets: [ObjectIdentifier: Target] = [:]
    private var target: Target?
    private var segment: Segment?
    /// Oldest first, and so in the order of their numbers.
    private var segments: [Segment] = []
    private var lastNumber: UInt64 = 0
    private var manifests: Set<FeatureVersion> = []
    /// Text in memory beyond which a segment writes to its file; none does where there are too many for that.
    private var bufferBytes: Int
    private var bytesBuffered = 0

    /// Begins a writer, after it has cleared up what dead ones left.
    init(_ configuration: FileSink.Configuration, limits: FileSinkLimits) throws(DiskFault) {
        root = try Folder.made(configuration.path)
        try DeadWriters.clear(in: root)
        lease = try WriterLease.take(in: root)
        self.limits = limits
        faults = configuration.faults
        switch configuration.compression {
        case .none: (encoder, suffix) = (nil, ".ndjson")
        case .gzip: (encoder, suffix) = (GzipEncoder(), ".ndjson.gz")
        }
        bufferBytes = limits.bufferBytes
    }

    var isEmpty: Bool { segments.isEmpty }
    /// Whether `close` must be called before another row is added.
    private(set) var isFull = false

    /// Adds a row to the segment of its feature version and date.
    func append(_ row: Row) throws(DiskFault) -> SinkVerdict {
        let target = target(of: row.schema)
        let day = row.version.eventTime.day
        let segment: Segment
        if let current = self.segment, current.day == day {
            segment = current
        } else {
            segment = target.segments[day] ?? begin(target, day: day)
            self.segment = segment
        }
        let before = segment.bytesBuffered
        if let column = segment.append(row, columns: target.columns) {
            return .refused("column `\(column)` holds a number that is not finite, which JSON cannot hold")
        }
        bytesBuffered += segment.bytesBuffered - before
        if segment.textBytes >= limits.segmentBytes || bytesBuffered >= limits.bufferBytesTotal { isFull = true }
        if segment.bytesBuffered >= bufferBytes {
            try giveFiles([segment])
            try spill(segment)
        }
        return .applied
    }

    /// Finishes and lists every segment. On return each row that was added is durable.
    func close() throws(DiskFault) {
        let finished = segments.filter { $0.rows > 0 }
        let syncsAtOnce = finished.count > limits.segmentsSynced
        let listed = try write(finished, sync: !syncsAtOnce)
        if syncsAtOnce { try root.syncFileSystem() }
        try rename(finished, sync: !syncsAtOnce)
        if syncsAtOnce { try root.syncFileSystem() }
        if !listed.isEmpty { faults.reached(.segmentBetweenRenameAndManifest) }
        for (featureVersion, entries) in Dictionary(grouping: listed, by: { $0.0.featureVersion }) {
            try list(entries.map(\.1), of: featureVersion)
            faults.reached(.manifestAfterAppend)
        }
        forgetSegments()
    }

    /// Gives up: what is unfinished or unlisted is removed, as far as the disk lets us. Whatever is left the next
    /// writer finds.
    func abandon() {
        forgetSegments()
        try? lease.end(in: root)
    }

    /// Writes what waits in memory, so few files at a time that descriptors suffice, and closes the files.
    private func write(_ segments: [Segment], sync: Bool) throws(DiskFault) -> [(Segment, ListedSegment)] {
        var listed: [(Segment, ListedSegment)] = []
        listed.reserveCapacity(segments.count)
        var rest = segments[...]
        while !rest.isEmpty {
            let group = Array(rest.prefix(limits.segmentsSpilling))
            rest = rest.dropFirst(group.count)
            try giveFiles(group.filter { !$0.hasFile })
            for segment in group {
                try spill(segment)
                listed.append((segment, try segment.finish(sync: sync)))
            }
        }
        return listed
    }

    private func spill(_ segment: Segment) throws(DiskFault) {
        bytesBuffered -= segment.bytesBuffered
        try segment.spill(encoder, bufferBytes: limits.bufferBytes)
    }

    private func target(of schema: RowSchema) -> Target {
        if let target, target.columns.schema === schema { return target }
        let found = targets[ObjectIdentifier(schema)] ?? Target(schema)
        targets[ObjectIdentifier(schema)] = found
        target = found
        segment = nil
        return found
    }

    private func begin(_ target: Target, day: Int64) -> Segment {
        let featureVersion = target.columns.schema.featureVersion
        precondition(HistoryLayout.isValid(featureVersion), "a feature's name and version were checked before")
        lastNumber += 1
        let name = HistoryLayout.partName(writer: lease.writer, number: lastNumber, suffix: suffix)
        let segment = Segment(featureVersion: featureVersion, day: day, name: name)
        target.segments[day] = segment
        segments.append(segment)
        if segments.count >= limits.segments { isFull = true }
        bufferBytes =
            segments.count > limits.segmentsSpilling
            ? .max : min(limits.bufferBytes, limits.bufferBytesTotal / 2 / segments.count)
        return segment
    }

    private func forgetSegments() {
        segments = []
        segment = nil
        isFull = false
        bufferBytes = limits.bufferBytes
        bytesBuffered = 0
        for target in targets.values { target.segments = [:] }
        // Reloads make new schemas; preparing those in use again costs little.
        if targets.count > limits.schemas { (targets, target) = ([:], nil) }
    }

    /// Creates the files of segments that have none, in folders that are there durably and whose names the lease
    /// holds.
    private func giveFiles(_ segments: [Segment]) throws(DiskFault) {
        let groups = Dictionary(grouping: segments.filter { !$0.hasFile }, by: \.path)
        let new = groups.keys.filter { !lease.hasTouched($0.joined(separator: "/")) }
        if !new.isEmpty {
            for path in new { _ = try root.makeFolder(path) }
            for parent in Set(new.flatMap { path in path.indices.map { Array(path[..<$0]) } }) {
                try root.makeFolder(parent).sync()
            }
            try lease.touch(new.map { $0.joined(separator: "/") })
        }
        for (path, segments) in groups {
            let folder = try root.makeFolder(path)
            for segment in segments { segment.open(try folder.create(segment.nameTemporary)) }
        }
    }

    private func rename(_ segments: [Segment], sync: Bool) throws(DiskFault) {
        for (path, segments) in Dictionary(grouping: segments, by: \.path) {
            let folder = try root.makeFolder(path)
            for segment in segments {
                faults.reached(.segmentBeforeRename)
                try folder.rename(segment.nameTemporary, to: segment.name)
            }
            if sync { try folder.sync() }
        }
    }

    private func list(_ entries: [ListedSegment], of featureVersion: FeatureVersion) throws(DiskFault) {
        let path = HistoryLayout.path(of: featureVersion)
        let folder = try root.makeFolder(path + [HistoryLayout.manifest])
        let manifest = try folder.openToAppend(lease.writer + HistoryLayout.manifestSuffix)
        try manifest.write(entries.flatMap(\.manifestLine))
        try manifest.syncData()
        if manifests.insert(featureVersion).inserted {
            try folder.sync()
            try root.makeFolder(path).sync()
        }
    }
}

extension EventTime {
    /// The UTC day, counted from 1970-01-01.
    fileprivate var day: Int64 {
        let (days, rest) = microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
        return rest < 0 ? days - 1 : days
    }
}
