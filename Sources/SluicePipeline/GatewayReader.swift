internal import Logging
internal import SluiceCore
internal import SluiceDecisions
internal import SluiceTransform

/// The thread that fills a gateway's lanes: it reads streams, realtime first, applies their SQL, keeps what is refused
/// as dead letters, and moves cursors over what is settled.
struct GatewayReader {
    /// Dead letters that are tried again at a time.
    private static let replayLetters = 256
    /// How long an idle reader waits before it looks at its streams again.
    private static let pollInterval: Duration = .milliseconds(20)
    private static let commitInterval: Duration = .milliseconds(200)
    private static let replayInterval: Duration = .milliseconds(500)

    private let plan: GatewayPlan
    private let shared: Monitor<SharedGateway>
    private let health: FeatureHealth
    private let logger: Logger
    private var lanes: [LaneReader]
    private let realtime: [Int]
    private let bootstrap: [Int]
    private var bootstrapTurn = 0
    private var commitAt = MonotonicTime.now
    private var replayAt = MonotonicTime.now
    private var replaysUnderWay = 0
    /// Lanes of which something was settled since their cursors were made durable.
    private var uncommitted: Set<Int> = []
    private var commitTrouble: String?
    /// Why this process may move no cursor any more, if it may not.
    private var leaseLost: String?

    init(plan: GatewayPlan, shared: Monitor<SharedGateway>, health: FeatureHealth, logger: Logger) {
        self.plan = plan
        self.shared = shared
        self.health = health
        self.logger = logger
        lanes = plan.lanes.map(LaneReader.init)
        realtime = plan.lanes.indices.filter { plan.lanes[$0].stream.lane == .realtime }
        bootstrap = plan.lanes.indices.filter { plan.lanes[$0].stream.lane == .bootstrap }
    }

    mutating func run() {
        var drained = false
        while !shared.read({ $0.stopBy != nil }) {
            var progressed = takeSettled()
            progressed = readReplays() || progressed
            for lane in realtime { progressed = advance(lane) || progressed }
            progressed = advanceBootstrap() || progressed
            if commitAt <= .now { commit() }
            if !progressed {
                drained = plan.drains && endOfDrain()
                if drained { break }
                wait()
            }
        }
        finish()
        let shortfalls = shortfalls(drained: drained)
        shared.change { $0.shortfalls = shortfalls }
        for lane in lanes { lane.close() }
    }

    /// Why the run has failed, in words: what a drain did not settle, or that another process has taken over.
    private func shortfalls(drained: Bool) -> [String] {
        let unreadable = lanes.flatMap { lane in lane.unreadable.map { "\(plan.sink): \(lane.plan.stream): \($0)" } }
        if let leaseLost { return ["\(plan.sink): \(leaseLost)"] }
        guard plan.drains else { return [] }
        return drained ? unreadable : unreadable + ["\(plan.sink): stopped before the streams' end"]
    }

    // MARK: Reading

    /// One batch of the next bootstrap lane that has one, so that realtime is looked at between any two.
    private mutating func advanceBootstrap() -> Bool {
        for _ in bootstrap {
            bootstrapTurn = (bootstrapTurn + 1) % bootstrap.count
            if advance(bootstrap[bootstrapTurn]) { return true }
        }
        return false
    }

    /// Reads, transforms and admits one batch of a lane, if it has room and something new.
    private mutating func advance(_ lane: Int) -> Bool {
        let stream = plan.lanes[lane].stream
        let now = MonotonicTime.now
        guard !lanes[lane].rests(at: now), !health.isPaused(stream.featureVersion) else { return false }
        if let transformed = lanes[lane].unadmitted { return admit(transformed, lane: lane) }
        guard shared.read({ $0.gateway.hasRoom(lane: lane) }) else { return false }
        do throws(SourceTrouble) {
            guard let records = try lanes[lane].read(limit: lanes[lane].appetite.records) else {
                if let notice = lanes[lane].newNotice() { logger.warning("\(notice)", metadata: of(lane)) }
                if lanes[lane].recovered() { logger.warning("the stream can be read again", metadata: of(lane)) }
                return false
            }
            guard let transformed = transform(records, lane: lane) else { return false }
            lanes[lane].untransformed = nil
            return admit(transformed, lane: lane)
        } catch {
            if case .damaged(let reason) = error {
                // One partition's; the others are read on at once.
                logger.error("a part of the stream cannot be read", metadata: of(lane, reason: reason))
                return true
            }
            laneFailed(lane, "the stream cannot be read; retrying", error.reason)
            return false
        }
    }

    private mutating func transform(_ records: RecordBatch, lane: Int) -> LaneReader.Transformed? {
        let time = EventTime.now
        do throws(TransformFailure) {
            let result = try lanes[lane].transform(records, now: time, maxFutureSkew: plan.maxFutureSkew)
            let letters = result.refusals.map {
                DeadLetter($0, of: records, stream: plan.lanes[lane].stream, configHash: plan.configHash, at: time)
            }
            return LaneReader.Transformed(result: result, letters: letters)
        } catch {
            laneFailed(lane, "the SQL cannot be run; retrying", "\(error)")
            return nil
        }
    }

    /// Keeps the dead letters of a batch, then hands its rows to the gateway.
    private mutating func admit(_ transformed: LaneReader.Transformed, lane: Int) -> Bool {
        lanes[lane].unadmitted = transformed
        guard keep(transformed.letters, lane: lane) else { return false }
        lanes[lane].unadmitted = nil
        if lanes[lane].recovered() { logger.warning("the stream goes on", metadata: of(lane)) }
        let counts = transformed.result.counts
        shared.change {
            $0.gateway.admit(
                transformed.result.rows, lane: lane, origin: .stream(lane: lane), counts: counts, now: .now)
        }
        pauseIfRefusing(lane, counts)
        return true
    }

    private mutating func keep(_ letters: [DeadLetter], lane: Int) -> Bool {
        guard !letters.isEmpty else { return true }
        do throws(CoordinationTrouble) {
            plan.faults.reached(.deadLetterBeforeKeep)
            try plan.deadLetters.keep(letters, met: plan.sink)
            plan.faults.reached(.deadLetterAfterKeep)
            return true
        } catch {
            laneFailed(lane, "dead letters cannot be kept; retrying", error.reason)
            return false
        }
    }

    private func pauseIfRefusing(_ lane: Int, _ counts: LaneTotals) {
        let featureVersion = plan.lanes[lane].stream.featureVersion
        let pauses = health.observe(
            featureVersion, sink: plan.sink, records: counts.records, refused: counts.refused, now: .now)
        if pauses { logger.error(.featurePaused, metadata: of(lane)) }
    }

    private mutating func laneFailed(_ lane: Int, _ message: Logger.Message, _ reason: String) {
        if lanes[lane].failed(reason, now: .now) {
            logger.error(message, metadata: of(lane, reason: reason))
        }
    }

    private func of(_ lane: Int, reason: String? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["stream": "\(plan.lanes[lane].stream)"]
        if let reason { metadata["reason"] = "\(reason)" }
        return metadata
    }

    // MARK: Replays

    /// Takes up dead letters whose replay was asked for: they go their record's way again, with its position.
    private mutating func readReplays() -> Bool {
        let now = MonotonicTime.now
        guard replaysUnderWay == 0, replayAt <= now else { return false }
        replayAt = now + Self.replayInterval
        let letters: [DeadLetter]
        do throws(CoordinationTrouble) {
            letters = try plan.deadLetters.replays(for: plan.sink, limit: Self.replayLetters)
        } catch {
            logger.warning("replays cannot be read; retrying", metadata: ["reason": "\(error.reason)"])
            return false
        }
        let groups = Dictionary(grouping: letters) { ReplayGroup(stream: $0.id.stream, format: $0.format) }
        for (group, letters) in groups { replay(letters, of: group) }
        return !letters.isEmpty
    }

    private struct ReplayGroup: Hashable {
        let stream: StreamID
        let format: RecordFormat
    }

    private mutating func replay(_ letters: [DeadLetter], of group: ReplayGroup) {
        guard let lane = plan.lanes.firstIndex(where: { $0.stream == group.stream }) else {
            // No longer fed from that stream: the letters are kept, and their replay is over.
            _ = try? plan.deadLetters.keep(letters, met: plan.sink)
            return
        }
        let records = RecordBatch(replaying: letters, format: group.format)
        guard let transformed = transform(records, lane: lane), keep(transformed.letters, lane: lane) else { return }
        let refused = Set(transformed.letters.map(\.id.position))
        let settling = letters.map(\.id).filter { !refused.contains($0.position) }
        shared.change {
            $0.gateway.admit(
                transformed.result.rows, lane: lane, origin: .replay(settling), counts: transformed.result.counts,
                now: .now)
        }
        replaysUnderWay += 1
    }

    // MARK: Settling

    /// Tells sources what is settled; returns whether anything was.
    private mutating func takeSettled() -> Bool {
        // Looking wakes nobody; taking would wake the writer each time.
        guard shared.read(\.gateway.hasSettled) else { return false }
        for batch in shared.change({ $0.gateway.takeSettled() }) {
            switch batch.origin {
            case .stream(let lane):
                lanes[lane].source?.settled(batch.records, dataRecords: batch.dataRecords)
                uncommitted.insert(lane)
            case .replay(let letters):
                replaysUnderWay -= 1
                do throws(CoordinationTrouble) {
                    try plan.deadLetters.settled(letters, by: plan.sink)
                    replayAt = .now
                } catch {
                    // The letters stay, and are tried again: writing them twice changes nothing.
                    logger.warning("a replay cannot be ended", metadata: ["reason": "\(error.reason)"])
                }
            }
        }
        return true
    }

    /// Makes cursors durable where something was settled; what fails is tried again with the next.
    private mutating func commit() {
        commitAt = .now + Self.commitInterval
        for lane in uncommitted {
            do throws(SourceTrouble) {
                plan.faults.reached(.beforeCursorCommit)
                try lanes[lane].source?.commit()
                plan.faults.reached(.afterCursorCommit)
                uncommitted.remove(lane)
                commitTrouble = nil
            } catch {
                commitFailed(lane, error)
            }
        }
        let backlogs = lanes.map { $0.source?.backlog }
        shared.change { $0.backlogs = backlogs }
    }

    private mutating func commitFailed(_ lane: Int, _ trouble: SourceTrouble) {
        if case .leaseLost(let reason) = trouble, leaseLost == nil {
            logger.error("another process has taken over; stopping", metadata: of(lane, reason: reason))
            leaseLost = reason
            _ = shared.change { $0.stop(by: .now + plan.drainTimeout * 0.75) }
        } else if commitTrouble != trouble.reason {
            logger.error("the cursor cannot be moved; retrying", metadata: of(lane, reason: trouble.reason))
        }
        commitTrouble = trouble.reason
    }

    // MARK: Waiting and ending

    /// Whether every stream is at its end and everything is settled and committed.
    private mutating func endOfDrain() -> Bool {
        let ended = lanes.allSatisfy { $0.isAtEnd || health.isPaused($0.plan.stream.featureVersion) }
        let idle = shared.change { shared in
            shared.gateway.sourcesEnded(ended)
            return shared.gateway.isIdle
        }
        guard ended, idle, replaysUnderWay == 0 else { return false }
        replayAt = .now
        if readReplays() { return false }
        commit()
        return uncommitted.isEmpty
    }

    /// Waits until something is settled or stopped, or it is time to look at the streams again.
    private func wait() {
        let until = MonotonicTime.now + Self.pollInterval
        shared.decide { shared in
            shared.stopBy != nil || shared.gateway.hasSettled || MonotonicTime.now >= until
                ? .now(()) : .later(until)
        }
    }

    /// Waits for the writer to settle what the sink holds, and commits.
    private mutating func finish() {
        let stopBy = shared.change { shared in shared.stop(by: .now + plan.drainTimeout * 0.75) }
        let inTime = shared.decide { shared in
            shared.writerEnded ? .now(true) : .now >= stopBy ? .now(false) : .later(stopBy)
        }
        if !inTime {
            logger.warning("the sink did not settle in time; what it holds is read again by the next run")
            shared.read { $0.interrupter }?.interrupt()
        }
        _ = takeSettled()
        commit()
    }
}

extension Logger.Message {
    /// Said when a feature version pauses.
    static let featurePaused: Logger.Message =
        "the feature is paused: too many of its records are refused; mend the cause, see its dead letters, and restart"
}
