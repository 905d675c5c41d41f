import Foundation
import SluiceConfig

/// The folders of `Golden`: each holds a configuration as users keep it, and in `expected.txt` the exact lines that
/// `sluice check` prints about it in that folder.
enum Golden {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden").path

    /// What `${env:…}` finds. `SLUICE_GOLDEN_UNSET` must stay unset.
    static let environment = ["SLUICE_GOLDEN_PASSWORD": "p@ss/w:rd%", "SLUICE_GOLDEN_EMPTY": ""]

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

    /// Every YAML file of every case.
    static let files: [String] = {
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return all.filter { path in
            var isFolder: ObjCBool = false
            return path.contains(".y") && FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }()
}
