import Foundation
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceFiles

/// Files that grow, appear, are replaced and go while they are read.
@Suite struct FileSourceChangeTests {
    let folder: TemporaryFolder
    let store = MemoryCoordination()

    init() throws { folder = try TemporaryFolder() }

    @Test func `what is appended and what appears is read`() throws {
        try folder.write("a\n", to: "f")
        try folder.write("", to: "empty")
        let reading = Reading(folder.path, in: store)
        #expect(try reading.all() == [Seen(0, 0, "a")])
        try folder.append("b\n", to: "f")
        try folder.write("c\n", to: "e")
        try folder.append("d\n", to: "empty")
        #expect(Set(try reading.all()) == [Seen(0, 2, "b"), Seen(1, 0, "c"), Seen(2, 0, "d")])
    }

    @Test func `a file renamed over another is a new one, and the rest of the old one is read`() throws {
        try folder.write("a\nb\nc", to: "f")
        let reading = Reading(folder.path, in: store)
        #expect(try reading.source.read(limit: 1) != nil)
        try folder.replace("f", with: "a\nx\n")
        #expect(Set(try reading.all()) == [Seen(0, 2, "b"), Seen(0, 4, "c"), Seen(1, 0, "a"), Seen(1, 2, "x")])
        #expect(reading.source.isAtEnd)
    }

    @Test func `a file that lost its path is read on while its writer still writes`() throws {
        try folder.write("a\n", to: "f")
        let reading = Reading(folder.path + "/f", in: store)
        #expect(try reading.source.read(limit: 1) != nil)
        #expect(rename(folder.path + "/f", folder.path + "/g") == 0)
        reading.clock.advance(.seconds(1))
        #expect(try reading.source.read(limit: 1) == nil)
        #expect(!reading.source.isAtEnd)
        try folder.append("b\nc", to: "g")
        #expect(try reading.all() == [Seen(0, 2, "b"), Seen(0, 4, "c")])
        #expect(reading.source.isAtEnd)
    }

    @Test(arguments: ["x\n", "xxxx\nyyyy\n", "a\n", ""])
    func `a file rewritten in place, shorter or longer, is a new one`(text: String) throws {
        try folder.write("a\nb\n", to: "f")
        let reading = Reading(folder.path, in: store)
        #expect(try reading.all().count == 2)
        try folder.write(text, to: "f")
        #expect(try reading.texts() == text.split(separator: "\n").map { String($0) })
        try folder.append("z\n", to: "f")
        #expect(try reading.all() == [Seen(1, UInt64(text.utf8.count), "z")])
    }

    @Test func `a file rewritten with as many bytes is a new one`() throws {
        try folder.write("a\nb\n", to: "f")
        let reading = Reading(folder.path, in: store)
        #expect(try reading.all().count == 2)
        try folder.write("c\nd\n", to: "f")
        // File systems round the time of a change to some milliseconds.
        try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: folder.path + "/f")
        #expect(try reading.all() == [Seen(1, 0, "c"), Seen(1, 2, "d")])
    }

    @Test func `a file replaced while nobody looked is a new one`() throws {
        try folder.write("a\nb\n", to: "f")
        try settleAll(Reading(folder.path, in: store))
        try folder.write("a\nc\nd\n", to: "g")
        #expect(rename(folder.path + "/g", folder.path + "/f") == 0)
        #expect(try Reading(folder.path, in: store).all() == [Seen(1, 0, "a"), Seen(1, 2, "c"), Seen(1, 4, "d")])
    }

    @Test(arguments: [2000, 1200, 500, 2])
    func `a file that shrank while nobody looked is a new one`(size: Int) throws {
        let text = (0..<600).map { "\($0)\n" }.joined()
        try folder.write(text, to: "f")
        try settleAll(Reading(folder.path, in: store))
        try shorten("f", to: size)
        let left = text.utf8.prefix(size).split(separator: 10, omittingEmptySubsequences: false).dropLast()
        let seen = try Reading(folder.path, in: store).all()
        #expect(seen.map(\.text) == left.map { String(decoding: $0, as: UTF8.self) })
        #expect(Set(seen.map(\.position.fileOrdinal)) == [1])
    }

    @Test func `an archive that lost a member while nobody looked is a new one`() throws {
        let lines = (0..<1000).map { "\($0 &* 2_654_435_761 % 99_991)" }
        let member = gzip(lines.joined(separator: "\n") + "\n")
        try folder.write(member + gzip("last\n"), to: "f.gz")
        try settleAll(Reading(folder.path, in: store))
        try shorten("f.gz", to: member.count)
        let seen = try Reading(folder.path, in: store).all()
        #expect(seen.map(\.text) == lines)
        #expect(seen.first?.position == Position(fileOrdinal: 1, offset: 0))
    }

    @Test func `a file that grew while nobody looked is read on`() throws {
        try folder.write("a\n", to: "f")
        try settleAll(Reading(folder.path, in: store))
        try folder.append("b\n", to: "f")
        #expect(try Reading(folder.path, in: store).all() == [Seen(0, 2, "b")])
    }

    @Test func `of a deleted file the open rest is read, and its cursor stays`() throws {
        try folder.write("a\nb\n", to: "f")
        try folder.write("c\n", to: "g")
        let reading = Reading(folder.path, in: store)
        let batch = try #require(try reading.source.read(limit: 1))
        reading.source.settled(batch, dataRecords: 1)
        try folder.remove("f")
        #expect(Set(try reading.all()) == [Seen(0, 2, "b"), Seen(1, 0, "c")])
        try reading.source.commit()
        #expect(store.cursors(of: Reading.stream, sink: "online") == [0: FileCursor(offset: 2, records: 1)])
    }

    @Test func `what is lost with a file that was never opened is told once`() throws {
        for name in ["a", "b", "c"] { try folder.write("1\n2\n", to: name) }
        let reading = Reading(folder.path, in: store, openFiles: 2)
        #expect(try reading.source.read(limit: 1) != nil)
        try folder.remove("c")
        reading.clock.advance(.seconds(1))
        #expect(throws: SourceTrouble.damaged("\(folder.path)/c was deleted before its last 4 bytes were read")) {
            try reading.source.read(limit: 1)
        }
        #expect(try reading.all().count == 3)
    }

    @Test func `a file that went and came back is the same`() throws {
        try folder.write("a\n", to: "f")
        let reading = Reading(folder.path, in: store)
        let batch = try #require(try reading.source.read(limit: 1))
        reading.source.settled(batch, dataRecords: 1)
        #expect(rename(folder.path + "/f", folder.path + "/_f") == 0)
        #expect(try reading.all().isEmpty)
        #expect(rename(folder.path + "/_f", folder.path + "/f") == 0)
        try folder.append("b\n", to: "f")
        #expect(try reading.all() == [Seen(0, 2, "b")])
    }

    private func shorten(_ name: String, to size: Int) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder.path)/\(name)"))
        try handle.truncate(atOffset: UInt64(size))
        try handle.close()
    }

    private func settleAll(_ reading: Reading) throws {
        for batch in try reading.batches() { reading.source.settled(batch, dataRecords: batch.records.count) }
        try reading.source.commit()
        reading.source.close()
    }
}
