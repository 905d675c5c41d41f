public import ArgumentParser
public import SluiceCore

// How values of ours are written on the command line.

extension RefusalReason: ExpressibleByArgument {}

extension EventTime: ExpressibleByArgument {
    public init?(argument: String) { self.init(iso8601: argument) }
}
