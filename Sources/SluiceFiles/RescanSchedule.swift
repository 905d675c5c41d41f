internal import SluiceCore

/// When a stream's files are listed again: soon where something just changed, less and less often where nothing does,
/// and never so often that listing takes more than a tenth of the time.
struct RescanSchedule {
    static let shortest = Duration.milliseconds(100)
    static let longest = Duration.seconds(1)

    private var interval = Self.shortest
    private var due: MonotonicTime?

    func isDue(_ now: MonotonicTime) -> Bool { due.map { now >= $0 } ?? true }

    mutating func scanned(from start: MonotonicTime, to end: MonotonicTime, changed: Bool) {
        interval = changed ? Self.shortest : min(interval * 2, Self.longest)
        due = end + max(interval, (end - start) * 9)
    }
}
