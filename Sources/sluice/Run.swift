import ArgumentParser
import Foundation
import Logging
import SluiceConfig
import SluiceCore
import SluiceService

/// `sluice run`
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the service: feed every feature into its sinks.",
        discussion: """
            Files that are invalid are reported and left out; the others run. Exits 78 if nothing is left to run.
            SIGTERM settles what is in flight and exits 0 within drain_timeout.

            With --drain it ends by itself when every stream is at its end and everything is settled, and exits 1 if \
            it had to end before that: a feature paused, a file could not be read, or it was told to stop.

            Example:
              sluice run --config config/sluice.yaml
              sluice run --drain --json > counters.json
            """)

    @OptionGroup var config: ConfigOption
    @Flag(help: "End when every stream is at its end and everything is settled.")
    var drain = false
    @Flag(help: "With --drain: print the counters as one JSON object at the end.")
    var json = false

    func validate() throws {
        if json, !drain { throw ValidationError("--json prints what a drain did; add --drain") }
    }

    func run() async throws {
        let configuration = config.load().runnable()
        for diagnostic in configuration.diagnostics { Terminal.note("\(diagnostic)") }
        let variable = ProcessInfo.processInfo.environment[CrashRehearsal.variable]
        guard let faults = CrashRehearsal.hook(variable) else {
            Terminal.note("error: \(CrashRehearsal.variable) names no fault point: '\(variable ?? "")'")
            throw ExitCode(64)
        }
        let service = try reporting {
            try RunService(
                configuration, drains: drain, faults: faults,
                logger: Logger(label: "sluice", factory: StreamLogHandler.standardError(label:)))
        }
        let report = try await reportingAsync {
            try await service.run { [drain] look in if drain { await showProgress(look) } }
        }
        if drain { try show(report) }
        if !report.shortfalls.isEmpty { throw ExitCode.failure }
    }

    private func show(_ report: RunReport) throws {
        if json {
            try Terminal.json(report)
        } else {
            print(Terminal.table(report.table))
        }
        for shortfall in report.shortfalls { Terminal.note("error: \(shortfall)") }
    }
}

/// Shows how far a drain is: each half second on a terminal, every ten seconds elsewhere.
private func showProgress(_ look: @Sendable () -> [GatewayStatus]) async {
    var progress = DrainProgress()
    let pause: Duration = Terminal.isInteractive ? .milliseconds(500) : .seconds(10)
    while (try? await Task.sleep(for: pause)) != nil { Terminal.progress(progress.line(look())) }
    Terminal.progress(progress.line(look()))
    Terminal.endProgress()
}

extension RunReport {
    /// The counters as lines of a table.
    fileprivate var table: [[String]] {
        let head = [
            "feature", "sink", "lane", "control", "records", "filtered", "refused", "rows", "applied", "stale",
            "duplicate",
            "superseded", "expired", "dead-lettered",
        ]
        return [head]
            + rows.map { line in
                let counts =
                    [
                        line.totals.controls, line.totals.records, line.totals.filtered, line.totals.refused,
                        line.totals.rows,
                    ]
                    + [.applied, .stale, .duplicate, .superseded, .expired, .deadLettered].map { line.totals[$0] }
                return ["\(line.feature) v\(line.version)", line.sink, line.lane] + counts.map(DrainProgress.grouped)
            }
    }
}
