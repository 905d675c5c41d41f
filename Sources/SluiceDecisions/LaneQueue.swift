internal import DequeModule
public import SluiceCore

/// A row on its way, with the ledger entry that its outcome settles.
public struct QueuedRow: Sendable {
    public let row: Row
    public let entry: Ledger.EntryID
    /// The lane in which it waits, and to which it returns when it could not be written.
    public let lane: Int
}

/// The rows of one lane that wait for tokens, in order. Rows that were taken and could not be written come back to the
/// front.
struct LaneQueue: Sendable {
    private struct Waiting {
        let rows: RowBatch
        let entry: Ledger.EntryID
        let since: MonotonicTime
        var next = 0
    }

    let index: Int
    private var returned: Deque<QueuedRow> = []
    private var waiting: Deque<Waiting> = []
    private(set) var count = 0

    init(index: Int) { self.index = index }

    /// Since when the first row waits; rows that came back count as waiting for ever.
    var waitingSince: MonotonicTime? {
        if !returned.isEmpty { return MonotonicTime(nanoseconds: .min) }
        return waiting.first?.since
    }

    mutating func append(_ rows: RowBatch, entry: Ledger.EntryID, now: MonotonicTime) {
        guard rows.count > 0 else { return }
        waiting.append(Waiting(rows: rows, entry: entry, since: now))
        count += rows.count
    }

    mutating func giveBack(_ row: QueuedRow) {
        returned.prepend(row)
        count += 1
    }

    /// Moves up to `limit` rows to the end of `batch`; returns how many.
    mutating func take(_ limit: Int, into batch: inout [QueuedRow]) -> Int {
        var left = min(limit, count)
        let taken = left
        count -= taken
        while left > 0, let row = returned.popFirst() {
            batch.append(row)
            left -= 1
        }
        while left > 0 {
            let step = min(left, waiting[0].rows.count - waiting[0].next)
            for offset in waiting[0].next..<waiting[0].next + step {
                batch.append(QueuedRow(row: waiting[0].rows[offset], entry: waiting[0].entry, lane: index))
            }
            waiting[0].next += step
            if waiting[0].next == waiting[0].rows.count { waiting.removeFirst() }
            left -= step
        }
        return taken
    }
}
