import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceDecisions

/// A gateway before a sink that takes everything at once, on a clock of the test's own.
private struct Bench {
    static let riders = FeatureVersion("riders", 1)
    static let drivers = FeatureVersion("drivers", 1)

    var gateway: Gateway
    var now = MonotonicTime(nanoseconds: 1_000_000_000)
    var window = 1
    /// Rows written so far, with when.
    var written: [(row: Row, time: MonotonicTime)] = []
    private var admitted: UInt64 = 0

    init(_ limits: Gateway.Limits = Gateway.Limits(), lanes: [StreamID] = Self.bothLanes) {
        gateway = Gateway(lanes: lanes, limits: limits, seed: 1, now: now)
    }

    static let bothLanes = [StreamID(riders, .realtime), StreamID(riders, .bootstrap)]

    /// Admits so many rows, each of an entity and a record of its own.
    mutating func admit(_ count: Int, lane: Int) {
        let stream = gateway.lanes[lane]
        let rows = (0..<count).map { place in
            TestRow("e\(admitted + UInt64(place))", at: 0, lane: stream.lane, offset: admitted + UInt64(place))
        }
        admitted += UInt64(count)
        let batch = TestRows(stream.featureVersion, columns: [])(rows)[0].batch
        var counts = LaneTotals()
        counts.records = count
        counts.rows = count
        gateway.admit(batch, lane: lane, origin: .stream(lane: lane), counts: counts, now: now)
    }

    /// Lets the writer work for so long.
    mutating func work(for duration: Duration) {
        let end = now + duration
        while now < end {
            switch gateway.next(now: now, sink: .init(window: window, settleDue: nil)) {
            case .write(let rows):
                written += rows.map { ($0, now) }
                gateway.settled(rows.map { _ in .applied })
            case .wait(let time): now = min(end, time ?? end)
            case .settle, .keep, .finish: return
            }
        }
    }

    func count(_ lane: Lane) -> Int { written.count { $0.row.lane == lane } }
}

@Suite struct GatewayTests {
    @Test func `realtime rows go before bootstrap rows that came first`() {
        var bench = Bench(.init(bootstrapMinShare: 0, batchRows: 10))
        bench.admit(100, lane: 1)
        bench.admit(20, lane: 0)
        bench.work(for: .milliseconds(1))
        #expect(bench.written.prefix(20).allSatisfy { $0.row.lane == .realtime })
        #expect(bench.written.count == 120)
    }

    @Test func `bootstrap keeps its least share though realtime could use it all`() {
        var bench = Bench(.init(rate: Rate(rowsPerSecond: 1000), bootstrapMinShare: 0.05))
        bench.admit(20_000, lane: 0)
        bench.admit(20_000, lane: 1)
        bench.work(for: .seconds(10))
        let share = Double(bench.count(.bootstrap)) / Double(bench.written.count)
        #expect(abs(share - 0.05) < 0.01, "bootstrap got \(share)")
    }

    @Test func `bootstrap may be promised more than half`() {
        var bench = Bench(.init(rate: Rate(rowsPerSecond: 1000), bootstrapMinShare: 0.8))
        bench.admit(20_000, lane: 0)
        bench.admit(20_000, lane: 1)
        bench.work(for: .seconds(10))
        let share = Double(bench.count(.bootstrap)) / Double(bench.written.count)
        #expect(abs(share - 0.8) < 0.02, "bootstrap got \(share)")
    }

    @Test func `bootstrap never exceeds a rate of its own`() {
        var bench = Bench(.init(rate: Rate(rowsPerSecond: 1000), bootstrapMaxRate: Rate(rowsPerSecond: 200)))
        bench.admit(20_000, lane: 1)
        bench.work(for: .seconds(10))
        #expect((1960...2010).contains(bench.count(.bootstrap)))
    }

    @Test func `features of one class share the sink fairly`() {
        let lanes = [StreamID(Bench.riders, .bootstrap), StreamID(Bench.drivers, .bootstrap)]
        var bench = Bench(.init(rate: Rate(rowsPerSecond: 1000)), lanes: lanes)
        bench.admit(100_000, lane: 0)
        bench.admit(1000, lane: 1)
        bench.work(for: .seconds(1))
        let drivers = bench.written.count { $0.row.schema.featureVersion == Bench.drivers }
        #expect(abs(Double(drivers) / Double(bench.written.count) - 0.5) < 0.05)
    }

    @Test func `a batch waits for more rows only as long as it may`() {
        var bench = Bench(.init(batchWait: .milliseconds(5)))
        let admitted = bench.now
        bench.admit(1, lane: 0)
        bench.work(for: .milliseconds(20))
        #expect(bench.written.map { $0.time - admitted } == [.milliseconds(5)])
    }

    @Test func `after trouble the same rows are written again, and in order`() {
        var bench = Bench(.init(batchRows: 2))
        bench.admit(6, lane: 0)
        var tried: [[String]] = []
        for _ in 0..<2 {
            guard case .write(let rows) = bench.gateway.next(now: bench.now, sink: .init(window: 2, settleDue: nil))
            else { return #expect(Bool(false), "there are rows to write") }
            tried.append(rows.map(\.entity))
        }
        bench.gateway.failed(.unreachable("gone"), now: bench.now)
        guard case .wait = bench.gateway.next(now: bench.now, sink: .init(window: 2, settleDue: nil)) else {
            return #expect(Bool(false), "after trouble it waits")
        }
        bench.work(for: .seconds(1))
        #expect(tried == [["e0", "e1"], ["e2", "e3"]])
        #expect(bench.written.map(\.row.entity) == ["e0", "e1", "e2", "e3", "e4", "e5"])
        #expect(bench.gateway.totals[0][.applied] == 6)
    }

    @Test func `a batch that is refused as a whole is halved until the row is found`() throws {
        var bench = Bench(.init(batchRows: 8))
        bench.admit(8, lane: 0)
        var refused: [String] = []
        var applied: [String] = []
        for _ in 0..<50 {
            switch bench.gateway.next(now: bench.now, sink: .init(window: 1, settleDue: nil)) {
            case .write(let rows) where rows.contains { $0.entity == "e5" }:
                bench.gateway.failed(.batchRefused("too large"), now: bench.now)
            case .write(let rows):
                applied += rows.map(\.entity)
                bench.gateway.settled(rows.map { _ in .applied })
            case .keep(let rows):
                refused += rows.map(\.row.entity)
                bench.gateway.kept(rows)
            case .wait, .settle, .finish: break
            }
        }
        #expect(refused == ["e5"])
        #expect(applied.sorted() == ["e0", "e1", "e2", "e3", "e4", "e6", "e7"])
        #expect(bench.gateway.totals[0][.deadLettered] == 1)
        #expect(bench.gateway.takeSettled().count == 1)
    }

    @Test func `a refusal of one of two outstanding batches blames the right one`() {
        var bench = Bench(.init(batchRows: 4))
        bench.admit(16, lane: 0)
        var outstanding: [[Row]] = []
        var refused: [String] = []
        for _ in 0..<200 {
            switch bench.gateway.next(now: bench.now, sink: .init(window: 2, settleDue: nil)) {
            case .write(let rows): outstanding.append(rows)
            case .settle:
                if outstanding[0].contains(where: { $0.entity == "e2" }) {
                    outstanding = []
                    bench.gateway.failed(.batchRefused("too large"), now: bench.now)
                } else {
                    bench.gateway.settled(outstanding.removeFirst().map { _ in .applied })
                }
            case .keep(let rows):
                refused += rows.map(\.row.entity)
                bench.gateway.kept(rows)
            case .wait, .finish: break
            }
        }
        #expect(refused == ["e2"])
        #expect(bench.gateway.totals[0][.applied] == 15)
    }

    @Test func `a refused row is settled only when its dead letter is durable`() {
        var bench = Bench()
        bench.admit(1, lane: 0)
        bench.now = bench.now + .milliseconds(5)
        _ = bench.gateway.next(now: bench.now, sink: .init(window: 1, settleDue: nil))
        bench.gateway.settled([.refused("wrong type")])
        guard case .keep(let rows) = bench.gateway.next(now: bench.now, sink: .init(window: 1, settleDue: nil)) else {
            return #expect(Bool(false), "the row is to be kept")
        }
        #expect(!bench.gateway.hasSettled)
        bench.gateway.keepFailed(now: bench.now)
        guard case .wait = bench.gateway.next(now: bench.now, sink: .init(window: 1, settleDue: nil)) else {
            return #expect(Bool(false), "keeping is tried again later")
        }
        bench.gateway.kept(rows)
        #expect(bench.gateway.hasSettled)
    }

    @Test func `stopping begins nothing new and settles what the sink holds`() {
        var bench = Bench(.init(batchRows: 1))
        bench.admit(3, lane: 0)
        _ = bench.gateway.next(now: bench.now, sink: .init(window: 1, settleDue: nil))
        bench.gateway.stop()
        guard case .settle(flush: true) = bench.gateway.next(now: bench.now, sink: .init(window: 1, settleDue: nil))
        else { return #expect(Bool(false), "what is outstanding is settled") }
        bench.gateway.settled([.applied])
        guard case .finish = bench.gateway.next(now: bench.now, sink: .init(window: 1, settleDue: nil)) else {
            return #expect(Bool(false), "nothing is begun any more")
        }
    }

    @Test func `stopping does not wait for a sink in trouble`() {
        var bench = Bench(.init(batchRows: 1))
        bench.admit(3, lane: 0)
        _ = bench.gateway.next(now: bench.now, sink: .init(window: 1, settleDue: nil))
        bench.gateway.stop()
        bench.gateway.failed(.unreachable("gone"), now: bench.now)
        guard case .finish = bench.gateway.next(now: bench.now, sink: .init(window: 1, settleDue: nil)) else {
            return #expect(Bool(false), "what is unsettled is read again by the next run")
        }
    }

    @Test func `a sink that settles by age is flushed when the streams have ended`() {
        var bench = Bench()
        bench.admit(3, lane: 0)
        let sink = Gateway.SinkState(window: 100, settleDue: bench.now + .seconds(1))
        bench.gateway.sourcesEnded(true)
        guard case .write = bench.gateway.next(now: bench.now, sink: sink),
            case .settle(flush: true) = bench.gateway.next(now: bench.now, sink: sink)
        else { return #expect(Bool(false), "a drain does not wait for age") }
    }

    @Test func `one backlogged lane leaves room for another one`() {
        let lanes = [StreamID(Bench.riders, .bootstrap), StreamID(Bench.drivers, .bootstrap)]
        var bench = Bench(lanes: lanes)
        while bench.gateway.hasRoom(lane: 0) { bench.admit(1000, lane: 0) }
        #expect(bench.gateway.hasRoom(lane: 1))
    }
}
