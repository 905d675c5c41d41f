import ArgumentParser
import Foundation
import SluiceCore
import SluiceRides

/// `sluice generate`
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make events of a ride-hailing company to try Sluice with, and the state they must end in.",
        discussion: """
            Writes realtime and bootstrap streams with late, duplicate, out-of-order, tied, deleting and unreadable \
            records, and below DIR/expected the state in which the shipped features must end. Equal options make equal \
            bytes.

            Example:
              sluice generate --out data/events --rows 200000 --seed 1
            """)

    @Option(help: ArgumentHelp("The folder to write to; it must not hold events yet.", valueName: "dir"))
    var out: String
    @Option(help: "Records in all streams together.")
    var rows = 200_000
    @Option(help: "Another seed makes other events.")
    var seed: UInt64 = 1
    @Option(help: "Files per stream and lane, and so parts of each bootstrap.")
    var parts = 2
    @Option(help: ArgumentHelp("The share of records that come by realtime, from 0 to 1.", valueName: "share"))
    var realtimeShare = 0.2
    @Option(help: ArgumentHelp("The newest event time, in ISO 8601; now, unless given.", valueName: "time"))
    var anchor: EventTime?

    func validate() throws {
        guard rows >= 1 else { throw ValidationError("--rows is a number from 1") }
        guard (1...99_999).contains(parts) else { throw ValidationError("--parts is a number from 1 to 99999") }
        guard (0...1).contains(realtimeShare) else { throw ValidationError("--realtime-share lies between 0 and 1") }
    }

    func run() throws {
        let now = EventTime(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
        let generator = RidesGenerator(
            options: RidesOptions(
                rows: rows, seed: seed, anchor: anchor ?? now, parts: parts, realtimeShare: realtimeShare)
        ) { [rows] written in
            if Terminal.isInteractive { Terminal.progress("\(written * 100 / rows)% of \(rows) records") }
        }
        do throws(RidesError) {
            let summary = try generator.write(to: out)
            if Terminal.isInteractive { Terminal.endProgress() }
            let entities = summary.features.reduce(0) { $0 + $1.entities }
            print("\(summary.records) records of \(entities) entities in \(out)")
        } catch {
            Terminal.note("error: \(error)")
            throw ExitCode.failure
        }
    }
}
