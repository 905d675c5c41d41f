import Foundation
import SluiceConfig
import SluiceCore
import Testing

/// Files that broke off, or were scribbled on: every one ends in a plan or a diagnostic, never in a crash.
@Suite struct DamagedFilesTests {
    private static let names = ["config/sluice.yaml", "sinks/online.yaml", "config/features/rides.yaml"]

    /// Reads the bytes as each of the three kinds of file, beside sound ones of the other kinds.
    private func check(
        _ bytes: [UInt8], as kind: Int, in configuration: TemporaryConfiguration, _ comment: Comment
    ) throws {
        let path = "\(configuration.folder)/\(Self.names[kind])"
        try configuration.write(bytes, to: Self.names[kind])
        let loaded = configuration.load()
        let isTaken = loaded.units.contains { $0.file == path && $0.isValid }
        let isReported = loaded.diagnostics.contains { $0.place.file == path && $0.severity == .error }
        #expect(isTaken != isReported, comment)
        let isClean = loaded.diagnostics.allSatisfy {
            !$0.description.contains("\n") && $0.place.line >= 1 && $0.place.column >= 1
        }
        #expect(isClean, comment)
    }

    private func kind(of file: String) -> Int { file.contains("sluice.y") ? 0 : file.contains("sinks/") ? 1 : 2 }

    private func sound() throws -> TemporaryConfiguration {
        try TemporaryConfiguration([
            Self.names[1]: TemporaryConfiguration.sink, Self.names[2]: TemporaryConfiguration.feature(),
        ])
    }

    @Test(arguments: Golden.files) func `a file cut off anywhere is read or reported`(_ file: String) throws {
        let bytes = Array(try Data(contentsOf: URL(filePath: "\(Golden.folder)/\(file)")))
        let configuration = try sound()
        for length in stride(from: 0, through: bytes.count, by: max(1, bytes.count / 25)) {
            try check(Array(bytes.prefix(length)), as: kind(of: file), in: configuration, "\(length) bytes")
        }
    }

    @Test func `random damage is read or reported`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let signs = Array("\t\n\r :#-[]{}&*!|>'\"%@`?,\\~\u{0}x0é\u{FEFF}\u{2028}$".utf8)
        for round in 0..<400 {
            let file = Golden.files.randomElement(using: &random)!
            var bytes = Array(try Data(contentsOf: URL(filePath: "\(Golden.folder)/\(file)")))
            for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = signs.randomElement(using: &random)!
                case 1: bytes.insert(signs.randomElement(using: &random)!, at: place)
                case 2: bytes.remove(at: place)
                default: bytes[place] = UInt8.random(in: 0...255, using: &random)
                }
            }
            let configuration = try sound()
            try check(bytes, as: kind(of: file), in: configuration, "seed \(seed), round \(round), file \(file)")
        }
    }
}
