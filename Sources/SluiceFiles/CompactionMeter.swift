/// Counts what a compaction reads, and tells its caller now and then.
final class CompactionMeter {
    private let progress: (CompactionProgress) -> Void
    private var bytesTotal: Int
    private var bytesRead = 0
    private var bytesTold = 0
    private(set) var segments = 0
    private(set) var rows = 0
    private(set) var expired = 0
    private static let step = 4 << 20

    init(total: Int, progress: @escaping (CompactionProgress) -> Void) {
        bytesTotal = total
        self.progress = progress
    }

    /// A row of the history was read.
    func didRead(_ line: HistoryLine, isExpired: Bool) {
        rows += 1
        if isExpired { expired += 1 }
        didReadAgain(line)
    }

    /// All of a segment was read.
    func didRead(_ segment: ListedSegment) { segments += 1 }

    /// A row was read where it had been put aside.
    func didReadAgain(_ line: HistoryLine) {
        bytesRead += line.text.count
        if bytesRead - bytesTold >= Self.step { tell() }
    }

    /// Text was put aside, to be read again.
    func willReadAgain(bytes: Int) { bytesTotal += bytes }

    func tell() {
        bytesTold = bytesRead
        let fraction = bytesTotal == 0 ? 1 : min(1, Double(bytesRead) / Double(bytesTotal))
        progress(CompactionProgress(fraction: fraction, rows: rows))
    }
}
