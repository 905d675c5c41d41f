public import Logging
public import SluiceCore
internal import SluiceDecisions

/// Runs one sink's gateway: its reader thread, its writer thread, and the gateway between them.
///
/// A sink that is slow or down blocks its own two threads, and nothing else.
public final class GatewayRunner: Sendable {
    let plan: GatewayPlan
    let shared: Monitor<SharedGateway>
    private let health: FeatureHealth
    private let logger: Logger

    public init(_ plan: GatewayPlan, health: FeatureHealth, logger: Logger) {
        self.plan = plan
        self.health = health
        var logger = logger
        logger[metadataKey: "sink"] = "\(plan.sink)"
        self.logger = logger
        shared = Monitor(
            SharedGateway(
                gateway: Gateway(
                    lanes: plan.lanes.map(\.stream), limits: plan.limits, seed: .random(in: 0...UInt64.max),
                    now: .now)))
    }

    /// Runs until every stream has ended and is settled, if the plan drains; else until `stop`.
    public func run() async {
        async let reading: Void = WorkerThread.run("\(plan.sink) reader") { [self] in
            var reader = GatewayReader(plan: plan, shared: shared, health: health, logger: logger)
            reader.run()
        }
        async let writing: Void = WorkerThread.run("\(plan.sink) writer") { [self] in
            GatewayWriter(plan: plan, shared: shared, health: health, logger: logger).run()
        }
        _ = await (reading, writing)
    }

    /// Begins to stop: nothing new is read or written, what the sink holds is settled, cursors are committed. After
    /// three quarters of the plan's `drainTimeout` a call that blocks in the sink is interrupted.
    public func stop() {
        _ = shared.change { $0.stop(by: MonotonicTime.now + plan.drainTimeout * 0.75) }
    }

    /// Why a run that has ended has failed, in words: what a drain did not settle, or that another process has taken
    /// over.
    public var shortfalls: [String] { shared.read(\.shortfalls) }

    /// What the gateway did so far and what it holds.
    public var status: GatewayStatus {
        shared.read { shared in
            GatewayStatus(
                sink: plan.sink,
                lanes: zip(shared.gateway.lanes.indices, shared.gateway.lanes).map { index, stream in
                    GatewayStatus.Lane(
                        stream: stream, totals: shared.gateway.totals[index],
                        waitingRows: shared.gateway.waitingRows[index], backlog: shared.backlogs[index])
                },
                outstandingRows: shared.gateway.outstandingRows, failures: shared.gateway.failures,
                trouble: shared.trouble)
        }
    }
}

/// What the two threads of a gateway share.
struct SharedGateway: Sendable {
    var gateway: Gateway
    /// When stopping gives up waiting for the sink; `nil` = not stopping.
    var stopBy: MonotonicTime?
    var writerEnded = false
    /// Ends a wait in the sink.
    var interrupter: SinkInterrupter?
    /// What the sink is in trouble with, if it is.
    var trouble: String?
    /// How much each lane's source has left, as far as it can tell.
    var backlogs: [SourceBacklog?]
    /// What a drain did not settle.
    var shortfalls: [String] = []

    init(gateway: Gateway) {
        self.gateway = gateway
        backlogs = gateway.lanes.map { _ in nil }
    }

    /// Begins to stop, unless that was begun before; returns until when the sink may settle what it holds.
    mutating func stop(by time: MonotonicTime) -> MonotonicTime {
        gateway.stop()
        let stopBy = stopBy ?? time
        self.stopBy = stopBy
        return stopBy
    }
}
