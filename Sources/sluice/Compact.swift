import ArgumentParser
import Foundation
import SluiceCore
import SluiceService

/// `sluice compact`
struct Compact: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the newest row of each entity of a file sink as one view.",
        discussion: """
            A file sink keeps history. Compaction reads every listed segment of a feature version and writes the greatest \
            version per entity into latest/, beside the segments: a table for training, and a bootstrap stream for a \
            later version. The service may run meanwhile.

            Example:
              sluice compact rider_activity --version 2
            """)

    @Argument(help: "The feature.")
    var feature: String
    @Option(help: "Its version; the greatest that is configured, unless given.")
    var version: Int?
    @Option(help: "The file sink, where the feature writes to several.")
    var sink: String?
    @OptionGroup var config: ConfigOption
    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        let compaction = try reporting {
            try CompactionJob(try config.loadService(), feature: feature, version: version, sink: sink)
        }
        let summary = try reporting {
            try compaction.run { line in
                if Terminal.isInteractive { Terminal.progress(line) }
            }
        }
        if Terminal.isInteractive { Terminal.endProgress() }
        if json { try Terminal.json(summary) } else { print(summary.text) }
    }
}
