import SluiceCore
import SluiceDecisions
import SluiceTesting
import Testing

/// A sink and its reader as random events drive them, to find what no table thought of.
private struct RandomRun {
    let seed: UInt64
    var random: SeededGenerator
    var now = MonotonicTime(nanoseconds: 0)
    var gateway: Gateway
    let lanes: [StreamID]
    /// By lane: the ends of batches as admitted, and as settled.
    var admitted: [[Position]]
    var settled: [[Position]]
    var outstanding: [[Row]] = []
    /// How often each row, by lane and position, was settled.
    var verdicts: [WriteVersion: Int] = [:]
    var dead: Set<WriteVersion> = []
    var rows = 0
    var nextOffset: UInt64 = 0

    init(seed: UInt64) {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        lanes = (0..<Int.random(in: 1...4, using: &random)).map { number in
            StreamID(FeatureVersion("f\(number)", 1), number % 2 == 0 ? .realtime : .bootstrap)
        }
        let rate = Bool.random(using: &random) ? Rate(rowsPerSecond: Double.random(in: 50...5000, using: &random)) : nil
        gateway = Gateway(
            lanes: lanes, limits: .init(rate: rate, batchRows: Int.random(in: 1...40, using: &random)), seed: seed,
            now: now)
        admitted = lanes.map { _ in [] }
        settled = admitted
    }

    mutating func admit() {
        let lane = Int.random(in: 0..<lanes.count, using: &random)
        let count = Int.random(in: 0...50, using: &random)
        let rows = (0..<count).map { place in
            TestRow("e\(place)", at: 0, lane: lanes[lane].lane, offset: nextOffset + UInt64(place))
        }
        let end = Position(fileOrdinal: 0, offset: nextOffset + UInt64(count))
        nextOffset += UInt64(count) + 1
        let records = RecordBatch(
            format: .json, partition: 0, bytes: Array("{}".utf8),
            records: rows.map { RecordBatch.Record(offset: 0, length: 2, position: $0.version.position) }, end: end)
        var builder = RowBatchBuilder(
            schema: RowSchema(featureVersion: lanes[lane].featureVersion, columns: []), records: records)
        for (place, row) in rows.enumerated() {
            builder.endRow(
                version: row.version, expiresAt: nil, isDeleted: false, record: place, writeEntity: { $0.append(65) })
        }
        var counts = LaneTotals()
        counts.records = count
        counts.rows = count
        gateway.admit(builder.build(), lane: lane, origin: .stream(lane: lane), counts: counts, now: now)
        admitted[lane].append(end)
        self.rows += count
    }

    mutating func step(allowTrouble: Bool) {
        let window = Int.random(in: 1...3, using: &random)
        switch gateway.next(now: now, sink: .init(window: window, settleDue: nil)) {
        case .write(let rows):
            outstanding.append(rows)
            if allowTrouble, Int.random(in: 0..<20, using: &random) == 0 { fail(.unreachable("random")) }
            if allowTrouble, Int.random(in: 0..<40, using: &random) == 0, !outstanding.isEmpty {
                fail(.batchRefused("random"))
            }
        case .settle:
            let rows = outstanding.removeFirst()
            gateway.settled(
                rows.map { row in
                    if allowTrouble, Int.random(in: 0..<50, using: &random) == 0 { return .refused("random") }
                    verdicts[row.version, default: 0] += 1
                    return .applied
                })
        case .keep(let rows):
            if allowTrouble, Bool.random(using: &random) {
                gateway.keepFailed(now: now)
            } else {
                for row in rows { dead.insert(row.row.version) }
                gateway.kept(rows)
            }
        case .wait(let time): now = time ?? now + .milliseconds(10)
        case .finish: break
        }
        for batch in gateway.takeSettled() {
            guard case .stream(let lane) = batch.origin else { continue }
            settled[lane].append(batch.records.end)
        }
    }

    mutating func fail(_ trouble: SinkTrouble) {
        outstanding.removeAll()
        gateway.failed(trouble, now: now)
    }
}

@Suite struct GatewayRandomTests {
    @Test func `whatever fails, every row is settled once, and cursors move in order over settled batches only`() {
        for seed in (0..<300).map({ UInt64.random(in: 0...UInt64.max) &+ $0 }) {
            var run = RandomRun(seed: seed)
            for _ in 0..<60 {
                run.admit()
                for _ in 0..<Int.random(in: 0...8, using: &run.random) { run.step(allowTrouble: true) }
            }
            var steps = 0
            while !run.gateway.isIdle, steps < 200_000 {
                run.step(allowTrouble: false)
                steps += 1
            }
            #expect(run.gateway.isIdle, "seed \(seed): everything settles once trouble ends")
            #expect(run.settled == run.admitted, "seed \(seed): batches settle in their order, each once")
            #expect(run.verdicts.values.allSatisfy { $0 == 1 }, "seed \(seed): a row is settled once")
            #expect(run.verdicts.count + run.dead.count == run.rows, "seed \(seed): no row is lost")
            #expect(run.dead.isDisjoint(with: run.verdicts.keys), "seed \(seed): a dead letter is not applied")
            let total = run.gateway.totals.reduce(into: LaneTotals()) { $0 += $1 }
            #expect(total.settled == run.rows, "seed \(seed): the counters add up")
        }
    }
}
