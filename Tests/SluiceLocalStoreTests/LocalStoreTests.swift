import Foundation
import SluiceCore
import SluiceLocalStore
import SluiceSQLite
import SluiceTesting
import Testing

@Suite struct LocalStoreTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ deployment: String = "test") throws(CoordinationTrouble) -> LocalStore {
        try LocalStore.open(path: folder.path + "/deep/er", deployment: deployment)
    }

    private func move(_ ordinal: UInt32, to offset: UInt64, stream: StreamID = rides, sink: String = "online")
        -> CursorMove
    {
        CursorMove(
            stream: stream, sink: sink, ordinal: ordinal, cursor: FileCursor(offset: offset, records: offset / 2))
    }

    // MARK: Ordinals

    @Test func `files seen together are numbered in order, and keep their numbers`() throws {
        let first = try open()
        #expect(try first.ordinals(of: [sighting("a"), sighting("b")], stream: rides) == [0, 1])
        #expect(try first.ordinals(of: [sighting("0"), sighting("b"), sighting("a")], stream: rides) == [2, 1, 0])
        #expect(try open().ordinals(of: [sighting("b"), sighting("0")], stream: rides) == [1, 2])
        #expect(try open().ordinals(of: [], stream: rides) == [])
    }

    @Test func `streams and deployments count apart`() throws {
        let store = try open()
        let others = [
            StreamID(FeatureVersion("rides", 1), .bootstrap), StreamID(FeatureVersion("rides", 2), .realtime),
            StreamID(FeatureVersion("riders", 1), .realtime),
        ]
        for stream in [rides] + others { #expect(try store.ordinals(of: [sighting("f")], stream: stream) == [0]) }
        #expect(try open("other").ordinals(of: [sighting("g")], stream: rides) == [0])
        #expect(try store.ordinals(of: [sighting("g")], stream: rides) == [1])
    }

    @Test func `a file that grew keeps its number, one that was replaced has another`() throws {
        let store = try open()
        #expect(try store.ordinals(of: [sighting("f", "ab")], stream: rides) == [0])
        #expect(try store.ordinals(of: [sighting("f", "abcd")], stream: rides) == [0])
        #expect(try store.ordinals(of: [sighting("f", number: 2, "abcd")], stream: rides) == [1])
        #expect(try store.ordinals(of: [sighting("f", number: 2, "axcd")], stream: rides) == [2])
        #expect(try store.ordinals(of: [sighting("f", number: 2, "axcd", replaces: 2)], stream: rides) == [3])
        // The other sinks that see it shrunk come later, and find it done.
        #expect(try store.ordinals(of: [sighting("f", number: 2, "axcd", replaces: 2)], stream: rides) == [3])
        #expect(try store.ordinals(of: [sighting("f", number: 2, "axcde")], stream: rides) == [3])
        // One that looked before the file was replaced is still right about the old one.
        #expect(try store.ordinals(of: [sighting("f", "abc")], stream: rides) == [0])
    }

    @Test func `large numbers and fingerprints are kept exactly`() throws {
        let file = sighting("f", number: .max, String(repeating: "\u{fe}", count: 600))
        #expect(try open().ordinals(of: [file], stream: rides) == [0])
        #expect(try open().ordinals(of: [file], stream: rides) == [0])
    }

    @Test func `sinks that race on threads get the same numbers`() async throws {
        let names = (0..<500).map { "f\($0)" }
        let store = try open()
        let other = try open()
        async let one = onThread { numbers(of: names, in: store) }
        async let two = onThread { numbers(of: names.reversed(), in: store) }
        async let three = onThread { numbers(of: names, in: other) }
        let all = await [one, two, three]
        #expect(all[0] == all[1] && all[1] == all[2])
        #expect(Set(all[0].values) == Set(0..<500))
    }

    // MARK: Cursors

    @Test func `cursors outlive the process, for each sink its own`() throws {
        let store = try open()
        try store.beginRun()
        try store.move([move(0, to: 10), move(1, to: 20), move(0, to: 30, sink: "lake")])
        try store.move([move(0, to: 12)])
        #expect(
            try open().cursors(of: rides, sink: "online")
                == [0: FileCursor(offset: 12, records: 6), 1: FileCursor(offset: 20, records: 10)])
        #expect(try open().cursors(of: rides, sink: "lake") == [0: FileCursor(offset: 30, records: 15)])
        #expect(try open().cursors(of: rides, sink: "profiles").isEmpty)
        #expect(try open("other").cursors(of: rides, sink: "online").isEmpty)
    }

    @Test func `only a run moves cursors`() throws {
        let store = try open()
        #expect(throws: CoordinationTrouble.fenced("cursors are moved by a run, and this process has not begun one")) {
            try store.move([move(0, to: 1)])
        }
        try store.beginRun()
        store.endRun()
        #expect(throws: CoordinationTrouble.self) { try store.move([move(0, to: 1)]) }
    }

    // MARK: The run

    @Test func `a second run is told who the first is, until that ends`() throws {
        let (one, two) = (try open(), try open())
        try one.beginRun(holder: "pid 1 on here")
        let trouble = #expect(throws: CoordinationTrouble.self) { try two.beginRun() }
        guard case .heldByAnother(let holder)? = trouble else {
            Issue.record("\(String(describing: trouble))")
            return
        }
        #expect(holder.hasPrefix("pid 1 on here since 2"))
        // A command beside the run reads, and registers files.
        #expect(try two.cursors(of: rides, sink: "online").isEmpty)
        #expect(try two.ordinals(of: [sighting("f")], stream: rides) == [0])
        one.endRun()
        try two.beginRun()
    }

    @Test func `a run that lost its lock is fenced by the next`() throws {
        let (one, two) = (try open(), try open())
        try one.beginRun(holder: "pid 1 on here")
        try one.move([move(0, to: 10)])
        // What a network file system or a person can do to a lock.
        try FileManager.default.removeItem(atPath: folder.path + "/deep/er/run.lock")
        try two.beginRun(holder: "pid 2 on here")
        let trouble = #expect(throws: CoordinationTrouble.self) { try one.move([move(0, to: 20)]) }
        guard case .fenced(let reason)? = trouble else {
            Issue.record("\(String(describing: trouble))")
            return
        }
        #expect(reason.hasPrefix("pid 2 on here since 2") && reason.hasSuffix(" has taken over the run"))
        try two.move([move(0, to: 15)])
        #expect(try two.cursors(of: rides, sink: "online")[0]?.offset == 15)
    }

    @Test func `a killed holder of the lock does not block the next run`() async throws {
        try await onThread {
            let store = try open()
            let child = Process()
            child.executableURL = URL(fileURLWithPath: "/bin/sh")
            child.arguments = [
                "-c", "exec 9>\"$0\"; flock 9; echo held; exec sleep 3600", "\(folder.path)/deep/er/run.lock",
            ]
            let output = Pipe()
            child.standardOutput = output
            try child.run()
            defer { kill(child.processIdentifier, SIGKILL) }
            #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "held\n")
            #expect(throws: CoordinationTrouble.heldByAnother("another process")) { try store.beginRun() }
            kill(child.processIdentifier, SIGKILL)
            try waitUntil("the next run begins") {
                do throws(CoordinationTrouble) {
                    try store.beginRun()
                    return true
                } catch {
                    return false
                }
            }
        }
    }

    // MARK: What cannot be opened

    @Test func `a newer layout is refused, and left as it is`() throws {
        _ = try open()
        let path = folder.path + "/deep/er/coordination.sqlite"
        try Connection(path: path).execute("PRAGMA user_version = 99")
        #expect(
            throws: CoordinationTrouble.damaged(
                "\(path) has layout 99, and this release knows layouts up to 1; "
                    + "run the release that wrote it, or a later one")
        ) { try open() }
    }

    @Test func `what is no database is damaged`() throws {
        let path = folder.path + "/coordination.sqlite"
        try Data(String(repeating: "no database ", count: 1000).utf8).write(to: URL(fileURLWithPath: path))
        let trouble = #expect(throws: CoordinationTrouble.self) {
            try LocalStore.open(path: folder.path, deployment: "test")
        }
        guard case .damaged(let reason)? = trouble else {
            Issue.record("\(String(describing: trouble))")
            return
        }
        #expect(reason.hasPrefix(path))
    }

    @Test func `a folder that cannot be made is named`() throws {
        try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
        #expect(
            throws: CoordinationTrouble.unavailable(
                "\(folder.path)/file/x: the folder cannot be made: Not a directory")
        ) { try LocalStore.open(path: folder.path + "/file/x", deployment: "test") }
    }
}

private func numbers(of names: [String], in store: LocalStore) -> [String: UInt32] {
    var numbers: [String: UInt32] = [:]
    for start in stride(from: 0, to: names.count, by: 7) {
        let some = Array(names[start..<min(start + 7, names.count)])
        do throws(CoordinationTrouble) {
            let ordinals = try store.ordinals(of: some.map { sighting($0) }, stream: rides)
            for (name, ordinal) in zip(some, ordinals) { numbers[name] = ordinal }
        } catch {
            Issue.record(error)
        }
    }
    return numbers
}
