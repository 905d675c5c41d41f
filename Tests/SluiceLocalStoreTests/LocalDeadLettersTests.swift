import Foundation
import SluiceCore
import SluiceLocalStore
import SluiceSQLite
import SluiceTesting
import Testing

@Suite struct LocalDeadLettersTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open() throws(CoordinationTrouble) -> LocalDeadLetters { try LocalDeadLetters.open(path: folder.path) }

    private func letter(
        _ offset: UInt64, sink: String? = nil, row: UInt16 = 0, reason: RefusalReason = .unreadable,
        format: RecordFormat = .json, raw: [UInt8] = Array("{broken".utf8), detail: String = "not JSON",
        version: Int = 1
    ) -> DeadLetter {
        let stream = StreamID(FeatureVersion("rides", version), .bootstrap)
        let position = Position(fileOrdinal: 3, offset: offset)
        return DeadLetter(
            id: DeadLetter.ID(stream: stream, position: position, sink: sink, row: row), reason: reason,
            detail: detail, format: format, raw: raw, configHash: "c0ffee",
            refusedAt: EventTime(microseconds: 1_234_567))
    }

    private let sinks = [FeatureVersion("rides", 1): ["online", "lake"]]

    @Test func `a letter comes back as it was kept, also after a restart`() throws {
        let letters = [
            letter(9, raw: []), letter(7, format: .csv(header: ["a", "", "é\"\\\u{1}\n,"]), raw: [0, 255, 10]),
            letter(7, sink: "online", row: 65_535, reason: .sinkRefused),
        ]
        try open().keep(letters, met: "online")
        #expect(try open().list(DeadLetterFilter(), limit: 10) == letters)
        #expect(try open().list(DeadLetterFilter(), limit: 2) == Array(letters.prefix(2)))
    }

    @Test func `a letter that several sinks meet is kept once`() throws {
        let store = try open()
        for sink in ["online", "lake", "online"] { try store.keep([letter(1), letter(2)], met: sink) }
        try store.keep([letter(1, detail: "in other words")], met: "lake")
        #expect(try store.list(DeadLetterFilter(), limit: 10) == [letter(1), letter(2)])
    }

    @Test func `filters select, counts add up, discarding is for good`() throws {
        let store = try open()
        try store.keep(
            [
                letter(1), letter(2, reason: .tooLarge), letter(3, sink: "online", reason: .sinkRefused),
                letter(4, version: 2),
            ], met: "online")
        let one = FeatureVersion("rides", 1)
        #expect(
            try store.count(DeadLetterFilter(feature: "rides", version: 1)) == [
                DeadLetterCount(featureVersion: one, reason: .sinkRefused, letters: 1),
                DeadLetterCount(featureVersion: one, reason: .tooLarge, letters: 1),
                DeadLetterCount(featureVersion: one, reason: .unreadable, letters: 1),
            ])
        #expect(try store.list(DeadLetterFilter(sink: "online"), limit: 9).map(\.id.position.fileOffset) == [3])
        #expect(try store.list(DeadLetterFilter(feature: "drivers"), limit: 9).isEmpty)
        #expect(try store.discard(DeadLetterFilter(version: 1, reason: .tooLarge)) == 1)
        #expect(try store.discard(DeadLetterFilter(version: 1, reason: .tooLarge)) == 0)
        #expect(try store.list(DeadLetterFilter(), limit: 9).map(\.id.position.fileOffset) == [1, 3, 4])
    }

    @Test func `a replayed letter goes when all its sinks have settled it`() throws {
        let store = try open()
        try store.keep([letter(1), letter(2)], met: "online")
        #expect(try store.replays(for: "online", limit: 10).isEmpty)
        #expect(try store.requestReplay(DeadLetterFilter(), sinks: sinks) == 2)
        #expect(try open().replays(for: "online", limit: 10) == [letter(1), letter(2)])
        #expect(try store.replays(for: "online", limit: 1) == [letter(1)])
        try store.settled([letter(1).id], by: "online")
        #expect(try store.replays(for: "online", limit: 10) == [letter(2)])
        #expect(try store.replays(for: "lake", limit: 10) == [letter(1), letter(2)])
        #expect(try store.list(DeadLetterFilter(), limit: 10).count == 2)
        try store.settled([letter(1).id, letter(2).id], by: "lake")
        #expect(try store.list(DeadLetterFilter(), limit: 10) == [letter(2)])
        try store.settled([letter(2).id], by: "online")
        #expect(try store.list(DeadLetterFilter(), limit: 10).isEmpty)
    }

    @Test func `a letter that one sink refused again stays, and is tried again by that one`() throws {
        let store = try open()
        try store.keep([letter(1)], met: "online")
        _ = try store.requestReplay(DeadLetterFilter(), sinks: sinks)
        let again = letter(1, reason: .sqlFailed, detail: "the new SQL")
        try store.keep([again], met: "online")
        #expect(try store.replays(for: "online", limit: 10).isEmpty)
        try store.settled([letter(1).id], by: "lake")
        #expect(try store.list(DeadLetterFilter(), limit: 10) == [again])
        #expect(try store.requestReplay(DeadLetterFilter(), sinks: sinks) == 1)
        #expect(try store.replays(for: "lake", limit: 10).isEmpty)
        #expect(try store.replays(for: "online", limit: 10) == [again])
        try store.settled([letter(1).id], by: "online")
        #expect(try store.list(DeadLetterFilter(), limit: 10).isEmpty)
    }

    @Test func `a row that a sink refused is replayed by that sink alone`() throws {
        let store = try open()
        let refused = letter(1, sink: "lake", row: 2, reason: .sinkRefused)
        try store.keep([refused], met: "lake")
        #expect(try store.requestReplay(DeadLetterFilter(), sinks: [FeatureVersion("rides", 1): ["online"]]) == 0)
        #expect(try store.requestReplay(DeadLetterFilter(), sinks: sinks) == 1)
        #expect(try store.replays(for: "online", limit: 10).isEmpty)
        #expect(try store.replays(for: "lake", limit: 10) == [refused])
        try store.settled([refused.id], by: "lake")
        #expect(try store.list(DeadLetterFilter(), limit: 10).isEmpty)
    }

    @Test func `a replay is asked of the letters that match, and twice is once`() throws {
        let store = try open()
        try store.keep([letter(1), letter(2, reason: .tooLarge), letter(3, version: 2)], met: "online")
        let filter = DeadLetterFilter(reason: .unreadable)
        #expect(try store.requestReplay(filter, sinks: sinks) == 1)
        #expect(try store.requestReplay(filter, sinks: sinks) == 1)
        #expect(try store.replays(for: "online", limit: 10) == [letter(1)])
    }

    @Test func `settling what was not to be replayed changes nothing`() throws {
        let store = try open()
        try store.keep([letter(1)], met: "online")
        try store.settled([letter(1).id, letter(2).id], by: "online")
        #expect(try store.list(DeadLetterFilter(), limit: 10) == [letter(1)])
    }

    @Test func `a discarded letter is not replayed`() throws {
        let store = try open()
        try store.keep([letter(1)], met: "online")
        _ = try store.requestReplay(DeadLetterFilter(), sinks: sinks)
        #expect(try store.discard(DeadLetterFilter()) == 1)
        #expect(try store.replays(for: "online", limit: 10).isEmpty)
    }

    @Test func `an answer is bounded in bytes`() throws {
        let store = try open()
        let raw = [UInt8](repeating: 120, count: 1 << 20)
        for offset in 0..<20 { try store.keep([letter(UInt64(offset), raw: raw)], met: "online") }
        #expect(try store.list(DeadLetterFilter(), limit: 100).count == 16)
    }

    @Test func `letters are read with plain SQL while they are kept`() throws {
        let store = try open()
        try store.keep([letter(1)], met: "online")
        let plain = try Connection(
            path: folder.path + "/dead-letters.sqlite", options: ConnectionOptions(access: .readOnly))
        let rows = try plain.run("SELECT feature, version, lane, reason, CAST(raw AS TEXT), refused_at FROM letters")
        #expect(
            rows == [["rides", 1, "bootstrap", "unreadable", "{broken", "1970-01-01T00:00:01.234567Z"]])
        try store.keep([letter(2)], met: "online")
        #expect(try plain.run("SELECT count(*) FROM letters") == [[2]])
    }

    @Test func `a newer layout is refused`() throws {
        _ = try open()
        try Connection(path: folder.path + "/dead-letters.sqlite").execute("PRAGMA user_version = 2")
        let trouble = #expect(throws: CoordinationTrouble.self) { try open() }
        #expect(trouble?.reason.contains("has layout 2, and this release knows layouts up to 1") == true)
    }
}
