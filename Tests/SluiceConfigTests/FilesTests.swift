import Foundation
import Glibc
import SluiceConfig
import SluiceCore
import Testing

@Suite struct FilesTests {
    @Test func `a file over the limit is refused unread`() throws {
        let configuration = try TemporaryConfiguration([
            "sinks/online.yaml": TemporaryConfiguration.sink + "#" + String(repeating: "x", count: 1 << 20)
        ])
        #expect(
            configuration.lines() == [
                "sinks/online.yaml:1:1: error: the file cannot be read: it is larger than 1MiB; "
                    + "expected a file of YAML, at most 1MiB"
            ])
    }

    @Test func `a pipe among the files is refused, not waited for`() throws {
        let configuration = try TemporaryConfiguration()
        #expect(mkfifo("\(configuration.folder)/sinks/pipe.yaml", 0o600) == 0)
        #expect(configuration.lines().count == 1)
        #expect(configuration.lines()[0].contains("it is no regular file"))
    }

    @Test func `folders that a ConfigMap fills by links are read once`() throws {
        let configuration = try TemporaryConfiguration(["config/features/rides.yaml": TemporaryConfiguration.feature()])
        let sinks = "\(configuration.folder)/sinks"
        let files = FileManager.default
        try files.createDirectory(atPath: "\(sinks)/..2026_01_01", withIntermediateDirectories: true)
        try configuration.write(["sinks/..2026_01_01/online.yaml": TemporaryConfiguration.sink])
        try files.createSymbolicLink(atPath: "\(sinks)/..data", withDestinationPath: "..2026_01_01")
        try files.createSymbolicLink(atPath: "\(sinks)/online.yaml", withDestinationPath: "..data/online.yaml")
        let loaded = configuration.load()
        #expect(loaded.diagnostics == [])
        #expect(loaded.sinks.keys.sorted() == ["online"])
        #expect(loaded.units.count == 3)
    }

    @Test func `the hash is the same wherever the files lie and however they are written`() throws {
        let files = [
            "sinks/online.yaml": "kind: redis\nurl: redis://:${env:P}@cache/0\nrate: 5/s\n",
            "config/features/rides.yaml": TemporaryConfiguration.feature(),
        ]
        let (one, other) = (try TemporaryConfiguration(files), try TemporaryConfiguration(files))
        let hash = one.load(["P": "one"]).hash
        #expect(hash.count == 32)
        #expect(other.load(["P": "other"]).hash == hash)
        try other.write(["sinks/online.yaml": "# ours\n{rate: '5/s', url: 'redis://:${env:P}@cache/0', kind: redis}\n"])
        #expect(other.load(["P": "other"]).hash == hash)
        try other.write(["sinks/online.yaml": "kind: redis\nurl: redis://:${env:P}@cache/0\nrate: 6/s\n"])
        #expect(other.load(["P": "other"]).hash != hash)
    }

    @Test func `the hash leaves out what is invalid`() throws {
        let configuration = try TemporaryConfiguration(["sinks/online.yaml": TemporaryConfiguration.sink])
        let hash = configuration.load().hash
        try configuration.write(["sinks/broken.yaml": "kind: x\n"])
        #expect(configuration.load().hash == hash)
        try configuration.write(["sinks/other.yaml": TemporaryConfiguration.sink])
        #expect(configuration.load().hash != hash)
    }

    /// The figure that matters is a release build's, under 100 ms; a debug build is some ten times slower.
    @Test func `a hundred and twenty features load in no time`() throws {
        var files = ["sinks/online.yaml": TemporaryConfiguration.sink]
        for number in 0..<120 {
            files["config/features/f\(number).yaml"] = TemporaryConfiguration.feature("f\(number)")
        }
        let configuration = try TemporaryConfiguration(files)
        let start = ContinuousClock.now
        let loaded = configuration.load()
        let duration = start.duration(to: .now)
        print("120 features loaded in \(duration)")
        #expect(loaded.features.count == 120)
        #expect(loaded.diagnostics == [])
        #expect(duration < .seconds(2))
    }

    @Test func `a file of nothing but keys is given up soon`() throws {
        let lines = (0..<100_000).map { "k\($0): 1\n" }.joined()
        let configuration = try TemporaryConfiguration(["sinks/online.yaml": lines])
        #expect(configuration.lines().count == 100)
    }
}
