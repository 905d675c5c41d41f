import Foundation
import Glibc
import SluiceConfig
import Testing

/// A configuration in a folder of its own, which goes with it.
final class TemporaryConfiguration {
    let folder: String

    static let service = """
        deployment: test
        features: features
        sinks: ../sinks
        coordination: {kind: file, path: ../.sluice}

        """

    init(_ files: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sluice-config-\(UUID().uuidString)").path
        for name in ["config/features", "sinks"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try write(["config/sluice.yaml": Self.service].merging(files) { $1 })
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ files: [String: String]) throws {
        for (path, text) in files { try write(Array(text.utf8), to: path) }
    }

    /// Without Foundation, which waits for the disk at each file.
    func write(_ bytes: [UInt8], to path: String) throws {
        let file = try #require(fopen("\(folder)/\(path)", "w"))
        let written = fwrite(bytes, 1, bytes.count, file)
        try #require(fclose(file) == 0 && written == bytes.count)
    }

    func load(_ environment: [String: String] = [:]) -> Configuration {
        ConfigurationLoader.load(serviceFile: "\(folder)/config/sluice.yaml", environment: environment)
    }

    /// The lines of `load`, with paths from the folder on.
    func lines(_ environment: [String: String] = [:]) -> [String] {
        load(environment).diagnostics.map { $0.description.replacing("\(folder)/", with: "") }
    }

    /// A feature that is valid, given a sink `online`.
    static func feature(_ name: String = "rides", sql: String = "sql: SELECT rider_id, at FROM events") -> String {
        """
        feature: \(name)
        version: 1
        owner: ml
        entity: rider_id
        event_time: at
        streams:
          realtime: {kind: redis, url: "redis://127.0.0.1:6379/0", stream: \(name)}
        \(sql)
        sinks: [online]

        """
    }

    static let sink = "kind: redis\nurl: redis://127.0.0.1:6379/0\n"
}
