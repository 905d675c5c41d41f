import Foundation
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceFiles

@Suite struct FileSourceArchiveTests {
    let folder: TemporaryFolder
    let store = MemoryCoordination()

    init() throws { folder = try TemporaryFolder() }

    @Test func `members follow one another as one text, zeros behind them are padding`() throws {
        try folder.write(gzip("a\nb") + gzip("c\n") + gzip("") + gzip("d") + Data(count: 1000), to: "f.gz")
        #expect(try Reading(folder.path, in: store).all() == [Seen(0, 0, "a"), Seen(0, 2, "bc"), Seen(0, 5, "d")])
    }

    @Test func `an archive that is still written waits for its bytes`() throws {
        let lines = (0..<2000).map { "line \($0 &* 2_654_435_761 % 99_991)" }
        let archive = gzip(lines.joined(separator: "\n") + "\n") + gzip("last\n")
        try folder.write(archive.prefix(1), to: "f.gz")
        let reading = Reading(folder.path, in: store)
        var seen = try reading.texts()
        #expect(seen.isEmpty)
        var end = 1
        while end < archive.count {
            let next = min(end + 997, archive.count)
            try folder.append(archive[end..<next], to: "f.gz")
            end = next
            seen += try reading.texts()
            #expect(reading.source.isAtEnd)
        }
        #expect(seen == lines + ["last"])
    }

    @Test func `an archive that ends too early is damaged where nothing more will come`() throws {
        let archive = gzip((0..<1000).map { "\($0)\n" }.joined())
        try folder.write(archive.dropLast(4), to: "f.gz")
        let reading = Reading(folder.path, in: store, toTheEnd: true)
        var texts: [String] = []
        let trouble = #expect(throws: SourceTrouble.self) {
            while let batch = try reading.source.read(limit: 300) { texts += Reading.records(of: [batch]).map(\.text) }
        }
        #expect(texts == (0..<1000).map { "\($0)" })
        #expect(
            trouble == .damaged("\(folder.path)/f.gz: the archive ends in the middle; replace the file by a whole one"))
        try folder.append(archive.suffix(4), to: "f.gz")
        #expect(try reading.all().isEmpty)
        #expect(reading.source.troubles.isEmpty && reading.source.isAtEnd)
    }

    @Test(arguments: ["deflate", "checksum", "no archive", "garbage behind"])
    func `a damaged archive is told once, and the others go on`(kind: String) throws {
        var archive = gzip((0..<5000).map { "\($0 &* 2_654_435_761 % 99_991)\n" }.joined())
        switch kind {
        case "deflate": for place in 3000..<3100 { archive[place] = 0xff }
        case "checksum": archive[archive.count - 6] ^= 1
        case "no archive": archive = Data("plain text\n".utf8)
        default: archive += Data("garbage".utf8)
        }
        try folder.write(archive, to: "1.gz")
        try folder.write(gzip("x\n"), to: "2.gz")
        let reading = Reading(folder.path, in: store)
        var texts: [String] = []
        var troubles: [SourceTrouble] = []
        for _ in 0..<200 {
            do throws(SourceTrouble) {
                if let batch = try reading.source.read(limit: 100) {
                    texts += Reading.records(of: [batch]).map(\.text)
                } else {
                    reading.clock.advance(.seconds(1))
                }
            } catch {
                troubles.append(error)
            }
        }
        #expect(texts.contains("x"))
        #expect(texts.count == (kind == "deflate" ? texts.count : kind == "no archive" ? 1 : 5001))
        #expect(troubles.count == 1)
        #expect(troubles.first?.reason.hasPrefix("\(folder.path)/1.gz: ") == true)
        #expect(reading.source.troubles == troubles)
        #expect(reading.source.isAtEnd)
    }

    @Test func `what expands a thousandfold is read in bounded pieces`() throws {
        let text =
            "a\n" + String(repeating: "\n", count: 1_000_000) + String(repeating: "x", count: 50_000_000) + "\nb\n"
        try folder.write(gzip(text), to: "f.gz")
        let before = residentBytes()
        let seen = try Reading(folder.path, in: store).all()
        #expect(seen.map(\.text.utf8.count) == [1, 1 << 20 + 1, 1])
        #expect(seen.map(\.position.fileOffset) == [0, 1_000_002, 51_000_003])
        #expect(residentBytes() - before < 64 << 20)
    }

    private func residentBytes() -> Int {
        let pages = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1]
        return (pages.flatMap { Int($0) } ?? 0) * 4096
    }
}
