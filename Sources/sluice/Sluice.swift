import ArgumentParser

/// The command line: each command is a thin wrapper that turns flags into a call of SluiceService, and what comes of it
/// into text, JSON and an exit code.
@main
struct Sluice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "Feeds features from streams into stores: fresh first, never too fast, never wrong.",
        discussion: """
            A first look:
              sluice check                     is the configuration right?
              sluice run --drain               write what the streams hold, then end
              sluice run                       go on until told to stop

            Exit codes: 0 good, 1 failed, 64 wrong usage, 78 bad configuration.
            """,
        version: "0.1.0",
        subcommands: [Run.self, Check.self, Generate.self, Compact.self, DeadLettersCommand.self])
}
