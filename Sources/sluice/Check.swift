import ArgumentParser
import SluiceConfig

/// `sluice check`
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check all configuration files, the SQL included, without touching a store.",
        discussion: """
            Every error of every file is reported in one pass, as file:line:column; the SQL of a file once its YAML is \
            right. Exits 78 if there is any.

            Example:
              sluice check --config config/sluice.yaml
            """)

    @OptionGroup var config: ConfigOption
    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        let configuration = config.load()
        if json {
            try Terminal.json(Report(configuration))
        } else {
            for diagnostic in configuration.diagnostics { print(diagnostic) }
            if configuration.isValid {
                let versions = configuration.features.count
                print("good: \(counted(versions, "feature version")), \(counted(configuration.sinks.count, "sink"))")
            }
        }
        if !configuration.isValid { throw ExitCode.badConfiguration }
    }

    private struct Report: Encodable {
        struct Finding: Encodable {
            let severity: String
            let file: String
            let line: Int
            let column: Int
            let message: String
            let remedy: String
        }

        let valid: Bool
        let configHash: String
        let diagnostics: [Finding]

        enum CodingKeys: String, CodingKey {
            case valid
            case configHash = "config_hash"
            case diagnostics
        }

        init(_ configuration: Configuration) {
            valid = configuration.isValid
            configHash = configuration.hash
            diagnostics = configuration.diagnostics.map {
                Finding(
                    severity: $0.severity.rawValue, file: $0.place.file, line: $0.place.line, column: $0.place.column,
                    message: $0.message, remedy: $0.remedy)
            }
        }
    }
}

/// `1 sink`, `2 sinks`.
func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
