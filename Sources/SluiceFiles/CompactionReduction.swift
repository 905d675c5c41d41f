internal import SluiceCore

/// Finds the newest row of every entity among lines that may be more than memory holds: what is too large is divided
/// by the entities' hashes, over files, until a part is small enough.
final class CompactionReduction {
    typealias Visit = (HistoryLine) throws(CompactionError) -> Void

    private let view: CompactionView
    private let limits: CompactionLimits
    private let meter: CompactionMeter
    private(set) var tombstones = 0

    init(into view: CompactionView, limits: CompactionLimits, meter: CompactionMeter) {
        self.view = view
        self.limits = limits
        self.meter = meter
    }

    /// Adds the newest rows to the view.
    ///
    /// - Parameters:
    ///   - textBytes: about how much `lines` will lend.
    ///   - level: how often the text has been divided. One entity's history cannot be divided at all, so this is
    ///     bounded; reducing it takes memory for its newest row only.
    func reduce(
        textBytes: Int, level: Int = 0, _ lines: (Visit) throws(CompactionError) -> Void
    ) throws(CompactionError) {
        guard textBytes > limits.textInMemory, level < limits.levels else {
            var newest = NewestRows()
            try lines { (line) throws(CompactionError) in newest.take(line) }
            tombstones += newest.tombstones
            return try newest.forEachLine { (line) throws(CompactionError) in try view.append(line) }
        }
        var spills: [CompactionSpill] = []
        for _ in 0..<min(limits.parts, textBytes / limits.textInMemory + 1) {
            spills.append(CompactionSpill(file: try view.makeSpill()))
        }
        let shift = UInt64(level * 8)
        try lines { (line) throws(CompactionError) in
            try spills[Int(line.entityHash >> shift & 0xff) % spills.count].append(line)
        }
        meter.willReadAgain(bytes: spills.reduce(0) { $0 + $1.bytes })
        spills.reverse()
        while let spill = spills.popLast() {
            try reduce(textBytes: spill.bytes, level: level + 1) { (visit) throws(CompactionError) in
                try spill.forEachLine { (line) throws(CompactionError) in
                    meter.didReadAgain(line)
                    try visit(line)
                }
            }
        }
    }
}

/// The bounds of a compaction. Tests make them small.
struct CompactionLimits: Sendable {
    /// Text whose rows are reduced in memory at once.
    var textInMemory = 32 << 20
    /// Most files over which a text is divided, at most 256; each level holds as many open.
    var parts = 64
    /// How often a text is divided: 64 × 64 × 64 parts of 32 MiB are 8 TiB.
    var levels = 3
}

/// The newest row of each entity, in memory.
private struct NewestRows {
    private struct Newest {
        var line: [UInt8]
        var versionOffset: Int
        var isDeleted: Bool
    }

    private var rows: [[UInt8]: Newest] = [:]

    var tombstones: Int { rows.values.count { $0.isDeleted } }

    mutating func take(_ line: HistoryLine) {
        let entity = Array(line.entity)
        if let newest = rows[entity], !isNewer(line, than: newest) { return }
        rows[entity] = Newest(line: Array(line.text), versionOffset: line.versionOffset, isDeleted: line.isDeleted)
    }

    /// Lends each row's line, in the order of the entities' bytes, so that one history makes one view.
    func forEachLine(_ body: ([UInt8]) throws(CompactionError) -> Void) throws(CompactionError) {
        for entity in rows.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            if let newest = rows[entity] { try body(newest.line) }
        }
    }

    private func isNewer(_ line: HistoryLine, than newest: Newest) -> Bool {
        newest.line[newest.versionOffset...].prefix(WriteVersion.textLength).lexicographicallyPrecedes(line.version)
    }
}

/// A part of a divided text, in a file without a name.
private final class CompactionSpill {
    private let file: OpenFile
    private var lines = LineBuffer(capacity: 4096)
    private(set) var bytes = 0
    private static let bufferBytes = 64 << 10

    init(file: consuming OpenFile) { self.file = consume file }

    func append(_ line: HistoryLine) throws(CompactionError) {
        lines.append(line.text)
        bytes += line.text.count
        if lines.count >= Self.bufferBytes { try flush() }
    }

    /// Lends what was added.
    func forEachLine(_ body: CompactionReduction.Visit) throws(CompactionError) {
        try flush()
        var splitter = LineSplitter()
        try file.forEachPiece(onFault: CompactionError.init) { (piece) throws(CompactionError) in
            try splitter.take(piece) { (text) throws(CompactionError) in
                guard let line = HistoryLine(text) else { throw .unreachable("\(file.path) reads back damaged") }
                try body(line)
            }
        }
    }

    private func flush() throws(CompactionError) {
        try compacting { () throws(DiskFault) in
            try lines.withBytes { (text) throws(DiskFault) in try file.write(text) }
        }
        lines.clear(keepingCapacity: Self.bufferBytes * 2)
    }
}
