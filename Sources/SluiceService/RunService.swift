public import Logging
internal import ServiceLifecycle
public import SluiceConfig
public import SluiceCore
internal import SluiceLocalStore
internal import SluicePipeline
internal import UnixSignals

/// The service: every gateway of a checked configuration, run until it is told to stop or, when it drains, until every
/// stream is at its end.
public struct RunService: Sendable {
    private let configuration: Configuration
    private let service: ServicePlan
    private let drains: Bool
    private let faults: FaultHook
    private let logger: Logger

    /// - Parameter configuration: checked; what of it is invalid does not run.
    public init(
        _ configuration: Configuration, drains: Bool, faults: FaultHook = .none, logger: Logger
    ) throws(ServiceError) {
        guard let service = configuration.service else {
            throw .configuration("sluice.yaml is not usable")
        }
        guard !configuration.features.isEmpty else {
            throw .configuration("there is no valid feature to run")
        }
        let sinks = Set(configuration.features.flatMap(\.sinks)).compactMap { configuration.sinks[$0] }
        guard !sinks.isEmpty else {
            throw .configuration("no sink of any valid feature is usable")
        }
        if drains, let paused = sinks.first(where: { $0.rate?.rowsPerSecond == 0 }) {
            throw .unavailable("a drain would never end: sink '\(paused.name)' is paused by its rate of 0/s")
        }
        self.configuration = configuration
        self.service = service
        self.drains = drains
        self.faults = faults
        self.logger = logger
    }

    /// Runs, and tells what was done.
    ///
    /// - Parameter watch: given a way to look at the gateways as soon as they run.
    public func run(
        watch: @escaping @Sendable (_ look: @escaping @Sendable () -> [GatewayStatus]) async -> Void
    ) async throws -> RunReport {
        let started = MonotonicTime.now
        OpenFiles.allowMost()
        let store = try openStore()
        defer { store.endRun() }
        let health = FeatureHealth(maxShare: service.deadLetters.maxShare)
        let assembly = Assembly(
            configuration: configuration, service: service, coordination: store,
            deadLetters: try openDeadLetters(service),
            drains: drains, faults: faults)
        let runners = assembly.gateways().map { GatewayRunner($0, health: health, logger: logger) }
        logger.info(
            "running",
            metadata: [
                "deployment": "\(service.deployment)", "config_hash": "\(configuration.hash)",
                "features": "\(configuration.features.count)", "sinks": "\(runners.count)",
            ])
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: GatewaysService(runners: runners, watch: watch),
                        successTerminationBehavior: .gracefullyShutdownGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        return RunReport(
            deployment: service.deployment, configHash: configuration.hash,
            seconds: (MonotonicTime.now - started).inSeconds, statuses: runners.map(\.status),
            shortfalls: shortfalls(runners, health))
    }

    private func openStore() throws(ServiceError) -> LocalStore {
        guard case .file(let path) = service.coordination else {
            throw .configuration("coordination of kind redis is not available in this release; use kind file")
        }
        do throws(CoordinationTrouble) {
            let store = try LocalStore.open(path: path, deployment: service.deployment)
            try store.beginRun()
            return store
        } catch {
            if case .heldByAnother(let holder) = error {
                throw .unavailable("\(path) admits one run, and another one is going on: \(holder); stop it first")
            }
            throw .unavailable(error.reason)
        }
    }

    private func shortfalls(_ runners: [GatewayRunner], _ health: FeatureHealth) -> [String] {
        let paused = drains ? health.paused.sorted() : []
        return paused.map { "\($0) is paused: too many of its records are refused; see its dead letters" }
            + runners.flatMap(\.shortfalls)
    }
}

/// The gateways as one service: it ends when all of them have ended.
private struct GatewaysService: Service {
    let runners: [GatewayRunner]
    let watch: @Sendable (@escaping @Sendable () -> [GatewayStatus]) async -> Void

    func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                let watching = Task { await watch { runners.map(\.status) } }
                for runner in runners { group.addTask { await runner.run() } }
                await group.waitForAll()
                watching.cancel()
                await watching.value
            }
        } onGracefulShutdown: {
            for runner in runners { runner.stop() }
        }
    }
}
