import Foundation
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceFiles

@Suite struct FileSourceTests {
    let folder: TemporaryFolder
    let store = MemoryCoordination()

    init() throws { folder = try TemporaryFolder() }

    // MARK: Which files

    @Test func `a missing path is no error, and says so`() throws {
        let reading = Reading(folder.path + "/nothing", in: store)
        #expect(try reading.source.read(limit: 10) == nil)
        #expect(reading.source.isAtEnd)
        #expect(reading.source.notice == "\(folder.path)/nothing: there is no data file yet")
        try folder.write("{}\n", to: "nothing")
        #expect(try reading.texts() == ["{}"])
        #expect(reading.source.notice == nil)
    }

    @Test func `a folder is read with its subfolders, in order of name`() throws {
        try folder.write("b\n", to: "b")
        try folder.write("c1\n", to: "date=2026-01-02/part-0.ndjson")
        try folder.write("a\n", to: "a")
        #expect(
            try Reading(folder.path, in: store).all() == [Seen(0, 0, "a"), Seen(1, 0, "b"), Seen(2, 0, "c1")])
    }

    @Test(arguments: ["_SUCCESS", ".part-0.crc", "_temporary/part-0", "date=1/_tmp", "date=1/.hidden/x", "a/b/_c/d/e"])
    func `names that begin with an underscore or a dot are not data at any level`(name: String) throws {
        try folder.write("x\n", to: name)
        try folder.write("y\n", to: "z")
        #expect(try Reading(folder.path, in: store).texts() == ["y"])
    }

    @Test func `names that differ only in Unicode normalisation are two files`() throws {
        try folder.write("composed\n", to: "caf\u{e9}")
        try folder.write("decomposed\n", to: "cafe\u{301}")
        let reading = Reading(folder.path, in: store)
        #expect(try reading.texts() == ["decomposed", "composed"])
        #expect(try reading.texts().isEmpty)
        try folder.append("more\n", to: "caf\u{e9}")
        #expect(try reading.texts() == ["more"])
    }

    @Test func `a file that is named itself is data whatever its name`() throws {
        try folder.write("x\n", to: "_events")
        #expect(try Reading(folder.path + "/_events", in: store).texts() == ["x"])
    }

    @Test func `a glob matches files and folders below what precedes its first wildcard`() throws {
        try folder.write("1\n", to: "date=1/a.ndjson")
        try folder.write("2\n", to: "date=2/a.ndjson")
        try folder.write("3\n", to: "other/a.ndjson")
        try folder.write("4\n", to: "date=_/_a.ndjson")
        #expect(try Reading(folder.path + "/date=*", in: store).texts() == ["1", "2"])
        #expect(try Reading(folder.path + "/*/a.ndjson", in: MemoryCoordination()).texts() == ["1", "2", "3"])
        #expect(try Reading(folder.path + "/date=[2-9]/?.ndjson", in: MemoryCoordination()).texts() == ["2"])
    }

    @Test func `a link to a file is followed, a link that leads in a circle is not`() throws {
        try folder.write("x\n", to: "data")
        let links = FileManager.default
        try links.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "data")
        try links.createSymbolicLink(atPath: folder.path + "/circle", withDestinationPath: ".")
        try links.createSymbolicLink(atPath: folder.path + "/dangling", withDestinationPath: "nowhere")
        #expect(try Reading(folder.path, in: store).texts() == ["x", "x"])
    }

    @Test func `a path that cannot be looked at is unreachable, and named`() throws {
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/loop", withDestinationPath: "loop")
        let reading = Reading(folder.path + "/loop", in: store)
        let trouble = #expect(throws: SourceTrouble.self) { try reading.source.read(limit: 1) }
        #expect(trouble == .unreachable("cannot look at \(folder.path)/loop: Too many levels of symbolic links"))
        #expect(!reading.source.isAtEnd)
    }

    // MARK: Lines

    @Test(
        arguments: [
            ("a\nb\n", ["0 a", "2 b"]), ("a\r\nb\r\n", ["0 a", "3 b"]), ("\u{feff}a\nb\n", ["3 a", "5 b"]),
            ("\n\na\n\r\n \t\nb\n\n", ["2 a", "9 b"]), ("a\n\u{feff}b\n", ["0 a", "2 \u{feff}b"]), ("", []), ("\n", []),
            ("a\u{0}b\n", ["0 a\u{0}b"]),
        ])
    func `lines end with LF or CRLF, blank ones and a byte order mark are left out`(
        text: String, records: [String]
    ) throws {
        try folder.write(text, to: "f")
        let seen = try Reading(folder.path + "/f", in: store).all()
        #expect(seen.map { "\($0.position.fileOffset) \($0.text)" } == records)
    }

    @Test func `a last line without its end waits for it, unless the file is read to its last byte`() throws {
        try folder.write("a\nb", to: "f")
        let following = Reading(folder.path, in: store)
        #expect(try following.texts() == ["a"])
        #expect(following.source.isAtEnd)
        #expect(try Reading(folder.path, in: store, toTheEnd: true).texts() == ["a", "b"])
        try folder.append("c\n", to: "f")
        #expect(try following.texts() == ["bc"])
    }

    @Test(arguments: [1 << 20, 1 << 20 + 1, 1 << 20 + 2, 1 << 20 + 3, 3_000_000])
    func `a line longer than a record may be is cut to one byte more than that`(length: Int) throws {
        let long = String(repeating: "x", count: length)
        try folder.write("a\n\(long)\r\nb\n\(long)", to: "f")
        try folder.write(gzip("a\n\(long)\r\nb\n\(long)"), to: "f.gz")
        let cut = String(long.prefix(1 << 20 + 1))
        let end = UInt64(2 + length + 2)
        for name in ["f", "f.gz"] {
            let store = MemoryCoordination()
            let seen = try Reading("\(folder.path)/\(name)", in: store, toTheEnd: true).all()
            #expect(seen.map(\.position.fileOffset) == [0, 2, end, end + 2])
            #expect(seen.map(\.text.utf8.count) == [1, cut.utf8.count, 1, cut.utf8.count])
        }
    }

    @Test func `the end of a line that is too long may come later`() throws {
        let long = String(repeating: "x", count: 2_000_000)
        try folder.write(long, to: "f")
        let reading = Reading(folder.path, in: store)
        #expect(try reading.all().isEmpty)
        try folder.append(long, to: "f")
        #expect(try reading.all().isEmpty)
        try folder.append("y\nb\n", to: "f")
        let seen = try reading.all()
        #expect(seen.map(\.position.fileOffset) == [0, 4_000_002])
        #expect(seen.map(\.text.utf8.count) == [1 << 20 + 1, 1])
    }

    @Test func `a batch holds at most the limit, about one mebibyte and one file`() throws {
        try folder.write(String(repeating: "0123456789\n", count: 300_000), to: "a")
        try folder.write("x\n", to: "b")
        let batches = try Reading(folder.path, in: store).batches(limit: 250_000)
        #expect(batches.allSatisfy { $0.byteCount <= 1 << 20 + 128 && $0.records.count <= 250_000 })
        #expect(batches.map(\.records.count).reduce(0, +) == 300_001)
        #expect(batches.last?.end == Position(fileOrdinal: 0, offset: 3_300_000))
        #expect(Set(batches.map(\.partition)) == [0, 1])
        let small = try Reading(folder.path + "/a", in: MemoryCoordination()).batches(limit: 7)
        #expect(small.dropLast().allSatisfy { $0.records.count == 7 })
    }

    // MARK: CSV

    @Test func `a CSV record may span lines within quotes`() throws {
        let text = "\u{feff}id,\"the \"\"name\"\"\", city\r\n1,\"a\nb\",x\r\n2,5\" pipe,y\n3,\"\"\"\n\"\"\",z\n"
        try folder.write(text, to: "f.csv")
        let batches = try Reading(folder.path, .csv, in: store).batches()
        #expect(batches.map(\.format) == [.csv(header: ["id", "the \"name\"", "city"])])
        #expect(Reading.records(of: batches).map(\.text) == ["1,\"a\nb\",x", "2,5\" pipe,y", "3,\"\"\"\n\"\"\",z"])
    }

    @Test func `a drain takes a last line without an end when it is a whole object`() throws {
        try folder.write(#"{"id":1}"# + "\n" + #"{"id":"}","x":[2]}"#, to: "f.ndjson")
        #expect(try Reading(folder.path, in: store, toTheEnd: true).texts() == [#"{"id":1}"#, #"{"id":"}","x":[2]}"#])
    }

    @Test(arguments: [#"{"id":2"#, #"{"id":"}"#, #"{"id":[2}"#, #"{"id":{"x":1}"#, "{"])
    func `a drain leaves half an object to its writer, and says so`(half: String) throws {
        try folder.write(#"{"id":1}"# + "\n" + half, to: "f.ndjson")
        let reading = Reading(folder.path, in: store, toTheEnd: true)
        let error = #expect(throws: SourceTrouble.self) { try reading.batches() }
        #expect(error?.reason.contains("its last line has no end") == true)
        try folder.append(half == "{" ? "}\n" : "}}\n", to: "f.ndjson")
        let texts = try Reading(folder.path, in: store, toTheEnd: true).texts()
        #expect(texts.count == 2)
    }

    @Test func `a drain takes a last line of CSV without an end only when its writer rests`() throws {
        try folder.write("id,v\n1,12\n2,1", to: "f.csv")
        let busy = Reading(folder.path, .csv, in: store, toTheEnd: true, wroteAgo: 0)
        #expect(try busy.source.read(limit: 10).map(\.records.count) == 1)
        #expect(try busy.source.read(limit: 10) == nil)
        #expect(!busy.source.isAtEnd)
        try folder.append("2345\n", to: "f.csv")
        #expect(
            try Reading(folder.path, .csv, in: MemoryCoordination(), toTheEnd: true).texts() == ["1,12", "2,12345"])
        try folder.write("id,v\n1,12\n2,1", to: "g.csv")
        let rested = try Reading(folder.path, .csv, in: MemoryCoordination(), toTheEnd: true, wroteAgo: 3).texts()
        #expect(rested.contains("2,1"))
    }

    @Test func `a quote that is never closed costs only its own line`() throws {
        try folder.write("id\n\"1\n2\n3\n", to: "f.csv")
        #expect(try Reading(folder.path, .csv, in: store, toTheEnd: true).texts() == ["\"1", "2", "3"])
        let long = String(repeating: "x\n", count: 600_000)
        try folder.write("id\n\"1\n" + long, to: "f.csv")
        #expect(try Reading(folder.path, .csv, in: MemoryCoordination()).all(limit: 1000).count == 600_001)
    }

    @Test func `each CSV file has its own header, which is read again to resume`() throws {
        try folder.write("a,b\n1,2\n3,4\n", to: "1.csv")
        try folder.write(gzip("b,a\n5,6\n"), to: "2.csv.gz")
        let first = Reading(folder.path, .csv, in: store)
        let batch = try #require(try first.source.read(limit: 1))
        first.source.settled(batch, dataRecords: 1)
        try first.source.commit()
        let rest = try Reading(folder.path, .csv, in: store).batches()
        #expect(rest.map(\.format) == [.csv(header: ["a", "b"]), .csv(header: ["b", "a"])])
        #expect(Reading.records(of: rest) == [Seen(0, 8, "3,4"), Seen(1, 4, "5,6")])
    }

    @Test(arguments: [
        ("a,b,a\n1,2,3\n", "the CSV header names a column twice: a"), ("\"a,b\n1,2\n", "a quote in the CSV header"),
        (",,\n1,2,3\n", "the CSV header names no column"), ("\"a\"b,c\n", "a quoted name in the CSV header"),
        ("", "the CSV header is longer than 65536 bytes"),
    ])
    func `a header that is no header damages its file, and the others go on`(text: String, reason: String) throws {
        try folder.write(text.isEmpty ? String(repeating: "a", count: 70_000) : text, to: "1.csv")
        try folder.write("a\n7\n", to: "2.csv")
        let reading = Reading(folder.path, .csv, in: store, toTheEnd: true)
        let trouble = #expect(throws: SourceTrouble.self) { try reading.source.read(limit: 10) }
        #expect(trouble?.reason.contains(reason) == true)
        #expect(try reading.texts() == ["7"])
        #expect(reading.source.isAtEnd)
        #expect(reading.source.troubles == [trouble])
        try folder.replace("1.csv", with: "a\n6\n")
        #expect(try reading.texts() == ["6"])
        #expect(reading.source.troubles.isEmpty)
    }

    // MARK: Turns and cursors

    @Test func `growing files take turns`() throws {
        let line = String(repeating: "x", count: 9) + "\n"
        for name in ["a", "b", "c"] { try folder.write(String(repeating: line, count: 100), to: name) }
        let reading = Reading(folder.path, in: store)
        var order: [UInt32] = []
        for _ in 0..<9 { order.append(try #require(try reading.source.read(limit: 10)).partition) }
        #expect(order == [0, 1, 2, 0, 1, 2, 0, 1, 2])
    }

    @Test func `files beyond the open ones get their turn before those end`() throws {
        let line = String(repeating: "x", count: 9) + "\n"
        for number in 0..<8 { try folder.write(String(repeating: line, count: 1000), to: "\(number)") }
        let reading = Reading(folder.path, in: store, openFiles: 4)
        var seen: Set<UInt32> = []
        for _ in 0..<FileSource.turnsPerPlace * 9 {
            seen.insert(try #require(try reading.source.read(limit: 1)).partition)
        }
        #expect(seen == Set(0..<8))
        #expect(try reading.all().count == 8000 - FileSource.turnsPerPlace * 9)
    }

    @Test func `the end is reached when a listing after the last byte shows nothing new`() throws {
        try folder.write("a\n", to: "f")
        let reading = Reading(folder.path, in: store)
        #expect(try reading.source.read(limit: 10) != nil)
        #expect(!reading.source.isAtEnd)
        #expect(try reading.source.read(limit: 10) == nil)
        #expect(!reading.source.isAtEnd)
        try folder.write("b\n", to: "g")
        reading.clock.advance(.milliseconds(100))
        #expect(try reading.source.read(limit: 10) != nil)
        #expect(!reading.source.isAtEnd)
        reading.clock.advance(.milliseconds(100))
        #expect(try reading.source.read(limit: 10) == nil)
        #expect(reading.source.isAtEnd)
    }

    @Test func `a source that drains does not wait to see the end`() throws {
        try folder.write("a\n", to: "f")
        let reading = Reading(folder.path, in: store, toTheEnd: true)
        #expect(try reading.source.read(limit: 10) != nil)
        #expect(try reading.source.read(limit: 10) == nil)
        #expect(reading.source.isAtEnd)
    }

    @Test func `a cursor that could not be stored is stored with the next`() throws {
        try folder.write("a\nb\nc\n", to: "f")
        let source = Reading(folder.path, in: store).source
        try source.commit()
        #expect(store.moves == 0)
        store.failMoves(1)
        source.settled(try #require(try source.read(limit: 2)), dataRecords: 1)
        #expect(throws: SourceTrouble.unreachable("the coordination store: as the test wants it")) {
            try source.commit()
        }
        #expect(store.cursors(of: Reading.stream, sink: "online").isEmpty)
        try source.commit()
        #expect(store.cursors(of: Reading.stream, sink: "online") == [0: FileCursor(offset: 4, records: 1)])
        try source.commit()
        #expect(store.moves == 1)
    }

    @Test func `five thousand files are read with few open`() throws {
        for number in 0..<5000 { try folder.write("\(number)\n", to: "d\(number % 50)/\(number)") }
        let reading = Reading(folder.path, in: store, openFiles: 16)
        var texts: Set<String> = []
        var most = 0
        while let batch = try reading.source.read(limit: 100) {
            texts.formUnion(Reading.records(of: [batch]).map(\.text))
            if texts.count % 100 == 0 { most = max(most, try descriptors()) }
        }
        #expect(texts == Set((0..<5000).map { String($0) }))
        #expect((1...16).contains(most))
    }

    private func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))?
                .hasPrefix(folder.path) == true
        }.count
    }
}
