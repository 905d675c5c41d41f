internal import DequeModule
public import SluiceCore

/// Decides for one sink what is written next, when, and what is settled: it owns the sink's rate, its lanes and its
/// ledger.
///
///     reader ── admit ──▶ lanes ── next ──▶ writer ── sink
///        ▲                  ▲ giveBack (trouble) │
///        └── takeSettled ── ledger ◀── settled ──┘
///
/// Two threads drive it under one lock: the reader admits rows and takes what is settled; the writer asks `next` and
/// reports what came of it.
public struct Gateway: Sendable {
    /// What the sink's plan says.
    public struct Limits: Sendable, Hashable {
        /// `nil` = unlimited.
        public var rate: Rate?
        public var bootstrapMaxRate: Rate?
        /// The part of the rows written that bootstrap gets though realtime could use it all, from 0 to 1.
        public var bootstrapMinShare: Double
        public var batchRows: Int
        /// How long a row may wait for others to fill its batch.
        public var batchWait: Duration

        public init(
            rate: Rate? = nil, bootstrapMaxRate: Rate? = nil, bootstrapMinShare: Double = 0.05, batchRows: Int = 256,
            batchWait: Duration = .milliseconds(5)
        ) {
            self.rate = rate
            self.bootstrapMaxRate = bootstrapMaxRate
            self.bootstrapMinShare = bootstrapMinShare
            self.batchRows = batchRows
            self.batchWait = batchWait
        }
    }

    /// What the writer is to do.
    public enum Step: Sendable {
        /// Write these rows; then tell `failed` if that throws.
        case write([Row])
        /// Ask the sink for verdicts; then tell `settled` for each batch, or `failed`.
        case settle(flush: Bool)
        /// Keep these rows as dead letters; then tell `kept`, or `keepFailed`.
        case keep([RefusedRow])
        /// Nothing until this time (`nil`: until something is admitted or changed).
        case wait(until: MonotonicTime?)
        /// The writer may end: nothing is outstanding, or stopping may wait no longer.
        case finish
    }

    /// A row that the sink can never take.
    public struct RefusedRow: Sendable {
        public let row: Row
        public let reason: String
        let entry: Ledger.EntryID
        let lane: Int
    }

    /// What the writer knows of its sink when it asks.
    public struct SinkState: Sendable {
        public var window: Int
        public var settleDue: MonotonicTime?

        public init(window: Int, settleDue: MonotonicTime?) {
            self.window = window
            self.settleDue = settleDue
        }
    }

    enum Phase: Sendable {
        case running
        /// Every source is at its end: what waits is written at once, and flushed.
        case draining
        /// Nothing is begun any more; what is outstanding is settled.
        case stopping
    }

    /// How many batches are written alone after one of several was refused as a whole.
    private static let batchesAloneAfterRefusal = 16
    /// Bytes that the unsettled batches of all lanes of one class may hold.
    static let classBytes = 16 << 20

    public let lanes: [StreamID]
    private let limits: Limits
    private var queues: [LaneQueue]
    private var turns: [Lane: Int] = [.realtime: 0, .bootstrap: 0]
    private let classes: [Lane: [Int]]
    private var queued: [Lane: Int] = [.realtime: 0, .bootstrap: 0]
    private var ledger: Ledger
    private var pacer: Pacer
    private var bootstrapPacer: Pacer
    private var owedToBootstrap = 0.0
    private var outstanding: Deque<[QueuedRow]> = []
    /// Parts of a batch that was refused as a whole, each written alone until the row is found.
    private var suspects: Deque<[QueuedRow]> = []
    /// Batches to write with no other one outstanding, so that a refusal has one batch to blame.
    private var batchesAlone = 0
    private var unkept: [RefusedRow] = []
    private var backoff: Backoff
    private var notBefore: MonotonicTime?
    private var keepNotBefore: MonotonicTime?
    private var phase = Phase.running
    /// What became of each lane's records and rows, in the order of `lanes`.
    public private(set) var totals: [LaneTotals]

    /// - Parameter seed: for the jitter of retries.
    public init(lanes: [StreamID], limits: Limits, seed: UInt64, now: MonotonicTime) {
        self.lanes = lanes
        self.limits = limits
        queues = lanes.indices.map(LaneQueue.init(index:))
        classes = Dictionary(grouping: lanes.indices, by: { lanes[$0].lane })
        ledger = Ledger(lanes: lanes.map(\.lane))
        pacer = Pacer(rate: limits.rate, now: now)
        bootstrapPacer = Pacer(rate: limits.bootstrapMaxRate, now: now)
        backoff = Backoff(seed: seed)
        totals = lanes.map { _ in LaneTotals() }
    }

    /// Rows that wait, of each lane.
    public var waitingRows: [Int] { queues.map(\.count) }
    /// Rows handed to the sink and not yet settled.
    public var outstandingRows: Int { outstanding.reduce(0) { $0 + $1.count } }
    /// Failures of the sink in a row; 0 while it is well.
    public var failures: Int { backoff.failures }
    /// Whether every row admitted is settled and taken by the reader.
    public var isIdle: Bool { ledger.isEmpty }

    // MARK: The reader's side

    /// Whether a lane may read on. A lane may hold as much as its class has left: one alone gets half of the bound,
    /// and however many hold a backlog, there is room for one more (Choudhury and Hahne's dynamic threshold).
    public func hasRoom(lane: Int) -> Bool {
        ledger.unsettledBytes(ofLane: lane) < Self.classBytes - ledger.unsettledBytes(ofClass: lanes[lane].lane)
    }

    /// Takes a batch of records that became rows; `counts` is what the transform said of them.
    public mutating func admit(
        _ rows: RowBatch, lane: Int, origin: Ledger.Origin, counts: LaneTotals, now: MonotonicTime
    ) {
        let entry = ledger.open(
            rows.records, origin: origin, dataRecords: counts.records, rows: rows.count, bytes: rows.byteCount)
        totals[lane] += counts
        queues[lane].append(rows, entry: entry, now: now)
        queued[lanes[lane].lane, default: 0] += rows.count
    }

    /// Whether `takeSettled` has something to tell.
    public var hasSettled: Bool { ledger.hasSettled }

    /// Batches whose records are all settled: their sources are to be told.
    public mutating func takeSettled() -> [Ledger.Settled] { ledger.takeSettled() }

    /// Says whether every source is at its end.
    public mutating func sourcesEnded(_ ended: Bool) {
        if phase != .stopping { phase = ended ? .draining : .running }
    }

    /// Begin nothing new. Rows that wait stay unsettled, and are read again by the next process.
    public mutating func stop() { phase = .stopping }

    // MARK: The writer's side

    /// What to do now.
    public mutating func next(now: MonotonicTime, sink: SinkState) -> Step {
        if phase == .stopping { return outstanding.isEmpty ? .finish : .settle(flush: true) }
        pacer.refill(now: now)
        bootstrapPacer.refill(now: now)
        if !unkept.isEmpty, keepNotBefore.map({ $0 <= now }) ?? true { return .keep(unkept) }
        var wake: MonotonicTime? = unkept.isEmpty ? nil : keepNotBefore
        if let notBefore, notBefore > now { return .wait(until: earliest(wake, notBefore)) }

        let window = suspects.isEmpty && batchesAlone == 0 ? sink.window : 1
        if outstanding.count < window {
            switch composeBatch(now: now) {
            case .batch(let rows):
                outstanding.append(rows)
                return .write(rows.map(\.row))
            case .until(let time): wake = earliest(wake, time)
            }
        }
        if !outstanding.isEmpty {
            guard let due = sink.settleDue else { return .settle(flush: false) }
            if due <= now { return .settle(flush: false) }
            if mustFlush || outstanding.count >= window { return .settle(flush: true) }
            wake = earliest(wake, due)
        }
        return .wait(until: wake)
    }

    /// The verdicts on the oldest outstanding batch.
    public mutating func settled(_ verdicts: [SinkVerdict]) {
        guard let rows = outstanding.popFirst() else { preconditionFailure("a batch settles once") }
        precondition(rows.count == verdicts.count, "a sink gives one verdict per row")
        backoff.succeeded()
        notBefore = nil
        batchesAlone = max(0, batchesAlone - 1)
        var run: (entry: Ledger.EntryID, rows: Int)?
        for (queued, verdict) in zip(rows, verdicts) {
            guard let outcome = RowOutcome(verdict) else {
                if case .refused(let reason) = verdict {
                    unkept.append(
                        RefusedRow(row: queued.row, reason: reason, entry: queued.entry, lane: queued.lane))
                }
                continue
            }
            totals[queued.lane].outcomes[outcome, default: 0] += 1
            if let current = run, current.entry == queued.entry {
                run = (current.entry, current.rows + 1)
            } else {
                if let run { ledger.settle(run.entry, rows: run.rows) }
                run = (queued.entry, 1)
            }
        }
        if let run { ledger.settle(run.entry, rows: run.rows) }
    }

    /// The sink is in trouble: everything outstanding goes back to the front of its lane, and is written again later.
    public mutating func failed(_ trouble: SinkTrouble, now: MonotonicTime) {
        let batches = outstanding
        outstanding.removeAll()
        if case .batchRefused(let reason) = trouble {
            if batches.count == 1 {
                halve(batches[0], reason: reason)
            } else {
                giveBack(batches)
                batchesAlone = Self.batchesAloneAfterRefusal
            }
            return
        }
        giveBack(batches)
        notBefore = backoff.failed(now: now)
        if phase == .stopping { abandon() }
    }

    /// Refused rows are dead letters now, durably.
    public mutating func kept(_ rows: [RefusedRow]) {
        keepNotBefore = nil
        unkept.removeFirst(rows.count)
        for row in rows {
            totals[row.lane].outcomes[.deadLettered, default: 0] += 1
            ledger.settle(row.entry, rows: 1)
        }
    }

    /// The dead letters could not be kept; they are tried again later.
    public mutating func keepFailed(now: MonotonicTime) {
        keepNotBefore = now + .seconds(1)
    }

    // MARK: Helpers

    private enum Composed {
        case batch([QueuedRow])
        case until(MonotonicTime?)
    }

    /// The next batch in order of priority, if one is ready and paid for; else when to ask again.
    private mutating func composeBatch(now: MonotonicTime) -> Composed {
        if let suspect = suspects.first {
            guard pacer.available >= suspect.count else { return .until(pacer.time(untilAvailable: suspect.count)) }
            pacer.spend(suspect.count)
            return .batch(suspects.removeFirst())
        }
        let limit = min(limits.batchRows, pacer.batchLimit)
        let realtime = queued[.realtime, default: 0]
        let bootstrap = queued[.bootstrap, default: 0]
        guard realtime + bootstrap > 0 else { return .until(nil) }
        if realtime + bootstrap < limit, phase != .draining, let since = waitingSince, now < since + limits.batchWait {
            return .until(since + limits.batchWait)
        }
        let wanted = min(limit, realtime + bootstrap)
        guard pacer.available >= wanted else { return .until(pacer.time(untilAvailable: wanted)) }

        var batch: [QueuedRow] = []
        batch.reserveCapacity(wanted)
        let bootstrapTokens = bootstrapPacer.available
        let guaranteed = min(Int(owedToBootstrap), bootstrap, bootstrapTokens, wanted)
        var fromBootstrap = take(guaranteed, of: .bootstrap, into: &batch)
        _ = take(wanted - batch.count, of: .realtime, into: &batch)
        fromBootstrap += take(min(wanted - batch.count, bootstrapTokens - fromBootstrap), of: .bootstrap, into: &batch)
        guard !batch.isEmpty else {
            return .until(bootstrapPacer.time(untilAvailable: min(limit, bootstrapPacer.batchLimit, bootstrap)))
        }
        pacer.spend(batch.count)
        bootstrapPacer.spend(fromBootstrap)
        let earned = bootstrap > 0 ? Double(batch.count) * limits.bootstrapMinShare : 0
        owedToBootstrap = min(max(0, owedToBootstrap + earned - Double(fromBootstrap)), Double(limits.batchRows))
        return .batch(batch)
    }

    /// Takes rows of one class, a fair share from each of its lanes in turn.
    private mutating func take(_ limit: Int, of lane: Lane, into batch: inout [QueuedRow]) -> Int {
        guard limit > 0, let members = classes[lane], queued[lane, default: 0] > 0 else { return 0 }
        let start = batch.count
        let goal = start + min(limit, queued[lane, default: 0])
        while batch.count < goal {
            let active = members.count { queues[$0].count > 0 }
            let share = max(1, (goal - batch.count) / active)
            for _ in members where batch.count < goal {
                let turn = turns[lane, default: 0] % members.count
                _ = queues[members[turn]].take(min(share, goal - batch.count), into: &batch)
                turns[lane] = turn + 1
            }
        }
        queued[lane, default: 0] -= batch.count - start
        return batch.count - start
    }

    private var waitingSince: MonotonicTime? { queues.compactMap(\.waitingSince).min() }

    /// Whether only a flush can bring anything forward: the sources are at their end, or nothing more may be read
    /// before something is settled.
    private var mustFlush: Bool {
        guard queued.values.allSatisfy({ $0 == 0 }), suspects.isEmpty else { return false }
        return phase == .draining || lanes.indices.contains { !hasRoom(lane: $0) }
    }

    private mutating func giveBack(_ batches: some BidirectionalCollection<[QueuedRow]>) {
        for rows in batches.reversed() {
            for row in rows.reversed() {
                queues[row.lane].giveBack(row)
                queued[lanes[row.lane].lane, default: 0] += 1
            }
        }
    }

    private mutating func halve(_ rows: [QueuedRow], reason: String) {
        guard rows.count > 1 else {
            let row = rows[0]
            unkept.append(RefusedRow(row: row.row, reason: reason, entry: row.entry, lane: row.lane))
            return
        }
        let middle = rows.count / 2
        suspects.prepend(Array(rows[middle...]))
        suspects.prepend(Array(rows[..<middle]))
    }

    /// Stopping while the sink is in trouble: nothing more will come of what it holds.
    private mutating func abandon() {
        outstanding.removeAll()
        unkept.removeAll()
    }

    private func earliest(_ one: MonotonicTime?, _ other: MonotonicTime?) -> MonotonicTime? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
}

extension RowOutcome {
    /// The outcome that a verdict settles; `nil` for a refused row, which is settled when its dead letter is durable.
    init?(_ verdict: SinkVerdict) {
        switch verdict {
        case .applied: self = .applied
        case .stale: self = .stale
        case .duplicate: self = .duplicate
        case .expired: self = .expired
        case .refused: return nil
        }
    }
}
