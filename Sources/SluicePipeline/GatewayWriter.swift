internal import Logging
internal import SluiceCore
internal import SluiceDecisions

/// The thread that drains a gateway's lanes into its sink: it does what the gateway decides, one step after another.
struct GatewayWriter {
    let plan: GatewayPlan
    let shared: Monitor<SharedGateway>
    let health: FeatureHealth
    let logger: Logger

    func run() {
        let sink = plan.openSink()
        shared.change { $0.interrupter = sink.interrupter }
        var warning: String?
        while true {
            if sink.warning != warning {
                warning = sink.warning
                if let warning { logger.error("the store endangers its rows", metadata: ["reason": "\(warning)"]) }
            }
            let state = Gateway.SinkState(window: sink.window, settleDue: sink.settleDue)
            switch nextStep(state) {
            case .write(let rows): write(rows, to: sink)
            case .settle(let flush): settle(sink, flush: flush)
            case .keep(let rows): keep(rows)
            case .wait: break
            case .finish:
                sink.close()
                shared.change { $0.writerEnded = true }
                return
            }
        }
    }

    private func nextStep(_ state: Gateway.SinkState) -> Gateway.Step {
        shared.decide { shared in
            switch shared.gateway.next(now: .now, sink: state) {
            case .wait(let time): .later(time)
            case let step: .now(step)
            }
        }
    }

    private func write(_ rows: [Row], to sink: any Sink) {
        plan.faults.reached(.beforeWrite)
        do throws(SinkTrouble) {
            try sink.write(rows, now: .now)
            plan.faults.reached(.afterWrite)
        } catch {
            failed(error)
        }
    }

    private func settle(_ sink: any Sink, flush: Bool) {
        do throws(SinkTrouble) {
            let batches = try sink.settle(flush: flush)
            guard !batches.isEmpty else { return }
            plan.faults.reached(.beforeSettlement)
            let recovered = shared.change { shared in
                for verdicts in batches { shared.gateway.settled(verdicts) }
                defer { shared.trouble = nil }
                return shared.trouble != nil
            }
            plan.faults.reached(.afterSettlement)
            if recovered { logger.warning("the sink takes rows again") }
        } catch {
            failed(error)
        }
    }

    /// Tells the gateway; a trouble is logged when it begins and when it changes, not at every retry.
    private func failed(_ trouble: SinkTrouble) {
        let isNews = shared.change { shared in
            shared.gateway.failed(trouble, now: .now)
            if case .batchRefused = trouble { return false }
            defer { shared.trouble = trouble.reason }
            return shared.trouble != trouble.reason
        }
        guard isNews else { return }
        switch trouble {
        case .misconfigured(let reason):
            logger.error("the sink refuses us; retrying", metadata: ["reason": "\(reason)"])
        default: logger.warning("the sink is in trouble; retrying", metadata: ["reason": "\(trouble.reason)"])
        }
    }

    private func keep(_ rows: [Gateway.RefusedRow]) {
        let letters = rows.map { row in
            DeadLetter(refused: row.row, by: plan.sink, detail: row.reason, configHash: plan.configHash, at: .now)
        }
        do throws(CoordinationTrouble) {
            plan.faults.reached(.deadLetterBeforeKeep)
            try plan.deadLetters.keep(letters, met: plan.sink)
            plan.faults.reached(.deadLetterAfterKeep)
            shared.change { $0.gateway.kept(rows) }
            pauseIfRefused(rows)
        } catch {
            logger.error("dead letters cannot be kept; retrying", metadata: ["reason": "\(error.reason)"])
            shared.change { $0.gateway.keepFailed(now: .now) }
        }
    }

    private func pauseIfRefused(_ rows: [Gateway.RefusedRow]) {
        for (featureVersion, rows) in Dictionary(grouping: rows, by: \.row.schema.featureVersion)
        where health.observe(featureVersion, sink: plan.sink, records: 0, refused: rows.count, now: .now) {
            logger.error(.featurePaused, metadata: ["feature": "\(featureVersion)"])
        }
    }
}
