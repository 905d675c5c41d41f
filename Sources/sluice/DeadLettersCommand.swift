import ArgumentParser
import Foundation
import SluiceCore
import SluiceService

/// `sluice dead-letters`
struct DeadLettersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Look at records that were refused, try them again, or discard them.",
        discussion: """
            Example:
              sluice dead-letters list --feature rider_activity
              sluice dead-letters replay --feature rider_activity --reason bad_event_time
              sluice dead-letters discard --feature rider_activity
            """,
        subcommands: [List.self, Replay.self, Discard.self])

    /// Which letters a command means.
    struct Selection: ParsableArguments {
        @OptionGroup var config: ConfigOption
        @Option(help: "Only letters of this feature.")
        var feature: String?
        @Option(help: "Only letters of this version of the feature.")
        var version: Int?
        @Option(help: "Only rows that this sink refused.")
        var sink: String?
        @Option(help: "Only letters of this reason: \(RefusalReason.allCases.map(\.rawValue).joined(separator: ", ")).")
        var reason: RefusalReason?

        var filter: DeadLetterFilter {
            DeadLetterFilter(feature: feature, version: version, sink: sink, reason: reason)
        }

        var isEverything: Bool { filter == DeadLetterFilter() }

        func desk() throws -> DeadLetterDesk {
            try reporting { try DeadLetterDesk(try config.loadService()) }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show dead letters, oldest first.",
            discussion: """
                Example:
                  sluice dead-letters list --feature rider_activity --limit 20 --json
                """)
        @OptionGroup var selection: Selection
        @Option(help: "Show at most so many.")
        var limit = 100
        @Flag(help: "Print one JSON object per letter.")
        var json = false

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit is a number from 1") }
        }

        func run() throws {
            let desk = try selection.desk()
            let letters = try reporting { try desk.list(selection.filter, limit: limit) }
            if json {
                for letter in letters { try Terminal.json(letter) }
                return
            }
            let counts = try reporting { try desk.count(selection.filter) }
            guard !counts.isEmpty else { return print("no dead letters" + desk.hint(selection.filter)) }
            for line in counts {
                print("\(line.featureVersion): \(counted(line.letters, "letter")), \(line.reason.rawValue)")
            }
            print("")
            for letter in letters { print(letter.text) }
            let total = counts.reduce(0) { $0 + $1.letters }
            if total > letters.count { print("… and \(total - letters.count) more; see --limit") }
        }
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try dead letters again, once their cause is mended.",
            discussion: """
                A replayed record keeps its position, and so its version: it never overwrites anything newer. The running \
                service takes replays up within a second; without one, the next run does.

                Example:
                  sluice dead-letters replay --feature rider_activity
                """)
        @OptionGroup var selection: Selection

        func run() throws {
            let desk = try selection.desk()
            let letters = try reporting { try desk.replay(selection.filter) }
            print("\(counted(letters, "letter")) to be tried again" + (letters == 0 ? desk.hint(selection.filter) : ""))
        }
    }

    struct Discard: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete dead letters for good.",
            discussion: """
                Say which: a feature, a version, a sink or a reason; or --all.

                Example:
                  sluice dead-letters discard --feature rider_activity --reason unreadable
                """)
        @OptionGroup var selection: Selection
        @Flag(help: "Discard every dead letter of the deployment.")
        var all = false

        func validate() throws {
            if selection.isEverything, !all {
                throw ValidationError("say which letters to discard (--feature, --reason, …), or --all")
            }
        }

        func run() throws {
            let desk = try selection.desk()
            let letters = try reporting { try desk.discard(selection.filter) }
            print("\(counted(letters, "letter")) discarded" + (letters == 0 ? desk.hint(selection.filter) : ""))
        }
    }
}
