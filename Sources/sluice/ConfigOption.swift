import ArgumentParser
import Foundation
import SluiceConfig
import SluiceService

/// Where the configuration is; every command that needs it takes this option.
struct ConfigOption: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The service's configuration file.", valueName: "file"))
    var config = "config/sluice.yaml"

    /// The configuration, checked whole, SQL included.
    func load() -> Configuration {
        ConfigurationCheck.load(serviceFile: config, environment: ProcessInfo.processInfo.environment)
    }

    /// The configuration of a command that acts on a deployment: only `sluice.yaml` must be right.
    func loadService() throws -> Configuration {
        let configuration = load()
        guard configuration.service != nil else {
            for diagnostic in configuration.diagnostics { Terminal.note("\(diagnostic)") }
            throw ExitCode.badConfiguration
        }
        return configuration
    }
}

extension ExitCode {
    /// `EX_CONFIG` of sysexits.h.
    static let badConfiguration = ExitCode(78)
}
