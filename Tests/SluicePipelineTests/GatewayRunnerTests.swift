import Logging
import SluiceCore
import SluiceDecisions
import SluicePipeline
import SluiceTesting
import Testing

/// A gateway with both its threads, between a stream that a test states and a sink in memory.
private struct Bench {
    static let riders = FeatureVersion("riders", 1)
    static let realtime = StreamID(riders, .realtime)
    static let bootstrap = StreamID(riders, .bootstrap)

    let store = MemorySink.Store()
    let deadLetters = MemoryDeadLetters()
    let health = FeatureHealth(maxShare: 0.05)
    var drainTimeout: Duration = .seconds(20)

    func runner(_ scripts: [StreamID: ScriptedSource.Script], drains: Bool = true) -> GatewayRunner {
        let lanes = scripts.sorted { $0.key.lane > $1.key.lane }.map { stream, script in
            GatewayPlan.Lane(
                stream: stream,
                definition: FeatureDefinition(
                    featureVersion: stream.featureVersion, entity: ["id"], eventTime: "t",
                    sql: "SELECT id, t, v FROM events WHERE v IS NOT 0"),
                openSource: { ScriptedSource(script) })
        }
        return GatewayRunner(
            GatewayPlan(
                sink: "online", lanes: lanes, limits: .init(), openSink: { [store] in MemorySink(store) },
                deadLetters: deadLetters, configHash: "hash", maxFutureSkew: .seconds(300), drains: drains,
                drainTimeout: drainTimeout),
            health: health, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    static func record(_ id: String, at time: Int, _ value: Int) -> String {
        #"{"id":"\#(id)","t":\#(time),"v":\#(value)}"#
    }
}

@Suite struct GatewayRunnerTests {
    private let record = Bench.record

    @Test func `a drain settles everything and moves the cursor to the end`() async {
        let bench = Bench()
        let script = ScriptedSource.Script(
            [record("a", 1, 1), record("b", 1, 2)], [record("a", 2, 3), record("c", 1, 0)])
        let runner = bench.runner([Bench.realtime: script])
        await runner.run()
        #expect(bench.store.values["riders v1/a"]?["v"] == 3)
        #expect(bench.store.values["riders v1/b"]?["v"] == 2)
        #expect(script.committed == 2)
        #expect(runner.shortfalls == [])
        let totals = runner.status.lanes[0].totals
        #expect([totals.records, totals.filtered, totals.refused, totals.rows] == [4, 1, 0, 3])
        #expect(totals[.applied] + totals[.stale] == 3)
    }

    @Test func `realtime and bootstrap of one entity end in the greatest version`() async {
        let bench = Bench()
        let runner = bench.runner([
            Bench.realtime: .init([record("a", 5, 50)]),
            Bench.bootstrap: .init([record("a", 5, 5), record("a", 4, 4)]),
        ])
        await runner.run()
        #expect(bench.store.values["riders v1/a"]?["v"] == 50)
    }

    @Test func `a record that is refused is a dead letter, and the others land`() async {
        let bench = Bench()
        let script = ScriptedSource.Script([record("a", 1, 1), "not json", #"{"t":1,"v":2}"#, record("b", 1, 2)])
        let runner = bench.runner([Bench.realtime: script])
        await runner.run()
        #expect(bench.store.values.count == 2)
        #expect(bench.deadLetters.letters.map(\.reason) == [.unreadable, .badEntity])
        #expect(bench.deadLetters.letters.first?.raw == Array("not json".utf8))
        #expect(runner.status.lanes[0].totals.refused == 2)
        #expect(script.committed == 1)
    }

    @Test func `nothing of a batch goes on before its dead letters are durable`() async {
        let bench = Bench()
        bench.deadLetters.failNext(2)
        let script = ScriptedSource.Script(["not json", record("a", 1, 1)])
        await bench.runner([Bench.realtime: script]).run()
        #expect(bench.deadLetters.letters.count == 1)
        #expect(bench.store.values.count == 1)
        #expect(script.committed == 1)
    }

    @Test func `a sink in trouble is tried again until it takes the rows`() async {
        let bench = Bench()
        bench.store.fail(.unreachable("gone"), .overloaded("busy"), .notDurable("no majority"))
        let script = ScriptedSource.Script([record("a", 1, 1)])
        let runner = bench.runner([Bench.realtime: script])
        await runner.run()
        #expect(bench.store.values["riders v1/a"]?["v"] == 1)
        #expect(runner.status.trouble == nil)
        #expect(script.committed == 1)
    }

    @Test func `a row that the sink refuses is a dead letter of that sink`() async {
        let bench = Bench()
        bench.store.refuse("b")
        let script = ScriptedSource.Script([record("a", 1, 1), record("b", 1, 2)])
        let runner = bench.runner([Bench.realtime: script])
        await runner.run()
        #expect(bench.deadLetters.letters.map(\.id.sink) == ["online"])
        #expect(bench.deadLetters.letters.first?.raw == Array(record("b", 1, 2).utf8))
        #expect(runner.status.lanes[0].totals[.deadLettered] == 1)
        #expect(script.committed == 1)
    }

    @Test func `a dead letter that is replayed keeps its version, and is gone when it is settled`() async {
        let bench = Bench()
        bench.store.refuse("a")
        await bench.runner([Bench.realtime: .init([record("a", 1, 1)])]).run()
        #expect(bench.deadLetters.letters.count == 1)

        bench.store.refuseNothing()
        await bench.runner([Bench.realtime: .init([record("a", 2, 2)])]).run()
        _ = bench.deadLetters.requestReplay(DeadLetterFilter(), sinks: [:])
        let replaying = bench.runner([Bench.realtime: .init()])
        await replaying.run()
        #expect(bench.deadLetters.letters.isEmpty)
        #expect(bench.store.values["riders v1/a"]?["v"] == 2)
        #expect(replaying.status.lanes[0].totals[.stale] == 1)
    }

    @Test func `a dead letter that is refused again when it is replayed stays`() async {
        let bench = Bench()
        bench.store.refuse("a")
        await bench.runner([Bench.realtime: .init([record("a", 1, 1)])]).run()
        _ = bench.deadLetters.requestReplay(DeadLetterFilter(), sinks: [:])
        await bench.runner([Bench.realtime: .init()]).run()
        #expect(bench.deadLetters.letters.count == 1)
        #expect(bench.deadLetters.replays(for: "online", limit: 10).isEmpty)
    }

    @Test func `a feature whose rows the sink refuses pauses as well`() async {
        let bench = Bench()
        let records = (0..<1000).map { record("a\($0)", 1, 1) }
        for number in 0..<100 { bench.store.refuse("a\(number)") }
        await bench.runner([Bench.realtime: .init(records)]).run()
        #expect(bench.health.paused == [Bench.riders])
    }

    @Test func `control records are counted, and are no data`() async {
        let bench = Bench()
        let script = ScriptedSource.Script([
            #"{"_sluice":"begin"}"#, record("a", 1, 1), #"{"_sluice":"end","count":1}"#,
        ])
        let runner = bench.runner([Bench.bootstrap: script])
        await runner.run()
        #expect(runner.status.lanes[0].totals.controls == 2)
        #expect(runner.status.lanes[0].totals.records == 1)
    }

    @Test func `what cannot be read of a stream is a shortfall of a drain`() async {
        let bench = Bench()
        let script = ScriptedSource.Script([
            .success([record("a", 1, 1)]), .failure(.damaged("half an archive")), .success([record("b", 1, 1)]),
        ])
        let runner = bench.runner([Bench.realtime: script])
        await runner.run()
        #expect(bench.store.values.count == 2)
        #expect(runner.shortfalls == ["online: riders v1 realtime: half an archive"])
    }

    @Test func `a feature of which too much is refused pauses, and a drain says so`() async {
        let bench = Bench()
        let bad = ScriptedSource.Script(Array(repeating: "not json", count: 1000), [record("a", 1, 1)])
        let runner = bench.runner([Bench.realtime: bad])
        await runner.run()
        #expect(bench.health.paused == [Bench.riders])
        #expect(bench.store.values.isEmpty)
    }

    @Test func `a stream that cannot be read for a while is read on`() async {
        let bench = Bench()
        let script = ScriptedSource.Script([
            .success([record("a", 1, 1)]), .failure(.unreachable("gone")), .success([record("b", 1, 1)]),
        ])
        await bench.runner([Bench.realtime: script]).run()
        #expect(bench.store.values.count == 2)
        #expect(script.committed == 2)
    }

    @Test func `stopping interrupts a sink that hangs, and what it held stays unsettled`() async {
        var bench = Bench()
        bench.drainTimeout = .milliseconds(50)
        bench.store.hang()
        let script = ScriptedSource.Script([record("a", 1, 1)])
        let runner = bench.runner([Bench.realtime: script], drains: false)
        async let running: Void = runner.run()
        while runner.status.outstandingRows == 0 { await Task.yield() }
        runner.stop()
        await running
        #expect(script.committed == 0)
    }

    @Test func `a run that does not drain follows what comes later`() async {
        let bench = Bench()
        let script = ScriptedSource.Script([record("a", 1, 1)])
        let runner = bench.runner([Bench.realtime: script], drains: false)
        async let running: Void = runner.run()
        while script.committed < 1 { await Task.yield() }
        script.append([record("b", 1, 1)])
        while script.committed < 2 { await Task.yield() }
        runner.stop()
        await running
        #expect(bench.store.values.count == 2)
    }
}
