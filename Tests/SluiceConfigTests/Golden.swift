import Foundation
import SluiceConfig

/// The folders of `Golden`: each holds a configuration as users keep it, and in `expected.txt` the exact lines that
/// `sluice check` prints about it in that folder.
enum Golden {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden").path

    /// What `${env:…}` finds. No case needs it to be right, and `SLUICE_GOLDEN_UNSET` must stay unset.
    static let environment = ["SLUICE_GOLDEN_PASSWORD": "hunter2"]

    /// The names of all cases, sorted.
    static let cases: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }()

    static func load(_ name: String) -> Configuration {
        ConfigurationLoader.load(serviceFile: "\(folder)/\(name)/config/sluice.yaml", environment: environment)
    }

    /// The lines as they would be printed in the case's own folder.
    static func lines(_ configuration: Configuration, of name: String) -> String {
        configuration.diagnostics.map { "\($0)\n" }.joined().replacing("\(folder)/\(name)/", with: "")
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
    }

    /// Every YAML file of every case, once where several cases share its text.
    static let files: [String] = {
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        var texts: Set<Data> = []
        return all.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted().filter { path in
            FileManager.default.contents(atPath: "\(folder)/\(path)").map { texts.insert($0).inserted } ?? false
        }
    }()
}
