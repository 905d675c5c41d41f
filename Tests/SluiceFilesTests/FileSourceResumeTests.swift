import Foundation
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceFiles

@Suite struct FileSourceResumeTests {
    @Test(arguments: [FileSourceConfiguration.Format.ndjson, .csv], [false, true])
    func `from wherever it was settled the rest is read, with the same positions`(
        format: FileSourceConfiguration.Format, compressed: Bool
    ) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let text = randomText(format, &random)
        let folder = try TemporaryFolder()
        let archive = text.split(separator: "\n", maxSplits: 20).map { gzip($0 + "\n") }.reduce(Data(), +)
        try folder.write(compressed ? archive : Data(text.utf8), to: compressed ? "f.gz" : "f")
        let whole = try Reading(folder.path, format, in: MemoryCoordination(), toTheEnd: true).batches(limit: 1)
        let all = Reading.records(of: whole)
        #expect(all.count > 50, "seed \(seed)")
        for settled in 0..<whole.count {
            let store = MemoryCoordination()
            let first = Reading(folder.path, format, in: store, toTheEnd: true)
            var count = 0
            while count < settled, let batch = try first.source.read(limit: 1) {
                first.source.settled(batch, dataRecords: 1)
                count += 1
            }
            try first.source.commit()
            let limit = Int.random(in: 1...20, using: &random)
            let rest = try Reading(folder.path, format, in: store, toTheEnd: true).all(limit: limit)
            #expect(rest == Array(all[settled...]), "seed \(seed), settled \(settled), limit \(limit)")
        }
    }

    @Test func `two sinks that race on two threads see the same ordinals`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        let store = MemoryCoordination()
        for number in 0..<300 { try folder.write("\(number)", to: "\(number)") }
        async let online = onThread { Self.read(600, of: path, in: store, sink: "online") }
        async let lake = onThread { Self.read(600, of: path, in: store, sink: "lake") }
        async let writing: Void = onThread {
            for number in 0..<300 {
                try? Data("\(number)\n".utf8).write(to: URL(fileURLWithPath: "\(path)/new\(number)"))
                // Files that grow are seen at different lengths by the two.
                let handle = FileHandle(forWritingAtPath: "\(path)/\(number)")
                _ = try? handle?.seekToEnd()
                for piece in ["some", "more", "\n"] { try? handle?.write(contentsOf: Data(piece.utf8)) }
                try? handle?.close()
            }
        }
        let (one, other, _) = await (online, lake, writing)
        #expect(one.count == 600)
        #expect(one == other)
    }

    private static func read(
        _ count: Int, of path: String, in store: any CoordinationStore, sink: String
    ) -> Set<Seen> {
        let reading = Reading(path, in: store, sink: sink)
        var seen: Set<Seen> = []
        let start = ContinuousClock.now
        while seen.count < count, ContinuousClock.now - start < .seconds(30) {
            do throws(SourceTrouble) { seen.formUnion(try reading.all()) } catch { Issue.record(error) }
        }
        return seen
    }

    @Test(arguments: [1, 2, 3, 5, 8, 500, 1024], [1, 2, 3, 5, 8, 500, 1024])
    func `readers that see a growing file at different lengths get one ordinal`(first: Int, second: Int) {
        let store = MemoryCoordination()
        let bytes = (0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        func ordinal(_ bytes: [UInt8]) -> UInt32 {
            store.ordinals(of: [FileSighting(path: "f", number: 7, prefix: bytes)], stream: Reading.stream)[0]
        }
        #expect(ordinal(Array(bytes.prefix(first))) == 0)
        #expect(ordinal(Array(bytes.prefix(second))) == 0)
        #expect(ordinal(bytes.prefix(second).map { $0 ^ 1 }) == 1)
    }

    private func randomText(_ format: FileSourceConfiguration.Format, _ random: inout SeededGenerator) -> String {
        var text = Bool.random(using: &random) ? "\u{feff}" : ""
        if format == .csv { text += "id,text\n" }
        for number in 0..<120 {
            let end = Bool.random(using: &random) ? "\n" : "\r\n"
            let filler = String(repeating: "é", count: Int.random(in: 0...40, using: &random))
            switch Int.random(in: 0..<8, using: &random) {
            case 0: text += end
            case 1 where format == .csv: text += "\(number),\"\(filler)\n\"\"\(filler)\"\(end)"
            case 2 where format == .csv: text += "\(number),\"\(filler),\r\n\n\"\(end)"
            default: text += "\(number),\(filler)\(end)"
            }
        }
        return text + "last,1"
    }
}
