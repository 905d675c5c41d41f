import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceFiles

/// When batches settle, and what bounds what waits.
@Suite struct FileSinkSettlementTests {
    private let folder: TemporaryFolder
    private let clock = SteppedClock()
    private let rides = TestRows(FeatureVersion("rides", 1), columns: ["count"])

    init() throws { folder = try TemporaryFolder() }

    private func withSink(
        limits: FileSinkLimits = FileSinkLimits(), _ body: @escaping @Sendable (FileSink) throws -> Void
    ) async throws {
        let (path, clock) = (folder.path, clock)
        try await onThread {
            let sink = FileSink(.init(path: path, clock: { clock.now }), limits: limits)
            try body(sink)
            sink.close()
        }
    }

    private func row(_ number: Int, day: Int = 0) -> TestRow {
        TestRow("e\(number)", at: Double(day) * 86_400, ["count": .integer(Int64(number))], offset: UInt64(number))
    }

    @Test func `a batch settles when its rows are a second old, and not before`() async throws {
        try await withSink { [rides, clock, folder] sink in
            clock.advance(by: .seconds(5))
            #expect(sink.settleDue == nil)
            try sink.write(rides(row(1)), now: TestRow.epoch)
            #expect(sink.settleDue == MonotonicTime(nanoseconds: 6_000_000_000))
            clock.advance(by: .milliseconds(600))
            try sink.write(rides(row(2), row(3)), now: TestRow.epoch)
            #expect(sink.settleDue == MonotonicTime(nanoseconds: 6_000_000_000))
            clock.advance(by: .milliseconds(399))
            #expect(try sink.settle(flush: false) == [])
            #expect(try History(root: folder.path, featureVersion: rides.featureVersion).segments() == [])
            clock.advance(by: .milliseconds(1))
            #expect(try sink.settle(flush: false) == [[.applied], [.applied, .applied]])
            #expect(sink.settleDue == nil)
            #expect(try History(root: folder.path, featureVersion: rides.featureVersion).segments().map(\.rows) == [3])
        }
    }

    @Test func `a segment that reaches its size settles without waiting`() async throws {
        var limits = FileSinkLimits()
        limits.segmentBytes = 1000
        try await withSink(limits: limits) { [rides, folder] sink in
            for number in 0..<30 { try sink.write(rides(row(number)), now: TestRow.epoch) }
            let settled = try sink.settle(flush: false).count
            #expect(settled > 0 && settled < 30)
            #expect(try sink.settle(flush: true).count == 30 - settled)
            let segments = try History(root: folder.path, featureVersion: rides.featureVersion).segments()
            #expect(segments.dropLast().allSatisfy { $0.textBytes >= 1000 && $0.textBytes < 1300 })
        }
    }

    @Test func `verdicts come in the order of the batches, whatever becomes of their rows`() async throws {
        try await withSink { [rides] sink in
            let expired = TestRow("x", at: 0, expiresAt: TestRow.epoch)
            try sink.write(rides(row(1), expired), now: TestRow.epoch)
            try sink.write(rides(expired), now: TestRow.epoch)
            try sink.write(rides(row(2), row(3)), now: TestRow.epoch)
            #expect(try sink.settle(flush: true) == [[.applied, .expired], [.expired], [.applied, .applied]])
        }
    }

    @Test func `a batch of which nothing is written settles at once`() async throws {
        try await withSink { [rides] sink in
            try sink.write(rides(TestRow("x", at: 0, expiresAt: TestRow.epoch)), now: TestRow.epoch)
            #expect(sink.settleDue.map { $0 <= clock.now } == true)
            #expect(try sink.settle(flush: false) == [[.expired]])
        }
    }

    @Test func `more dates than may be open at once are all kept`() async throws {
        var limits = FileSinkLimits()
        limits.segments = 8
        try await withSink(limits: limits) { [rides, folder] sink in
            let rows = (0..<100).map { row($0, day: $0 * 7 % 50) }
            try sink.write(rides(rows), now: TestRow.epoch)
            #expect(try sink.settle(flush: true) == [rows.map { _ in .applied }])
            let history = History(root: folder.path, featureVersion: rides.featureVersion)
            try history.check()
            #expect(try history.state().count == 100)
            #expect(try history.segments().count >= 50)
        }
    }

    @Test func `a gateway that never asks is bounded, and loses no verdict`() async throws {
        var limits = FileSinkLimits()
        limits.batches = 4
        try await withSink(limits: limits) { [rides] sink in
            #expect(sink.window == 4)
            for number in 0..<4 { try sink.write(rides(row(number)), now: TestRow.epoch) }
            #expect(sink.settleDue.map { $0 <= clock.now } == true)
            try sink.write(rides(row(4)), now: TestRow.epoch)
            #expect(sink.window == 5, "verdicts wait, so no further batch is asked for")
            #expect(try sink.settle(flush: false).count == 4)
            #expect(sink.window == 4)
            #expect(try sink.settle(flush: true).count == 1)
        }
    }

    @Test func `memory that outstanding rows hold makes settling due`() async throws {
        var limits = FileSinkLimits()
        limits.heldBytes = 20_000
        try await withSink(limits: limits) { [rides] sink in
            // The gateway keeps what is outstanding.
            var kept: [[Row]] = []
            while sink.window > kept.count {
                kept.append(rides((0..<10).map { row($0) }))
                try sink.write(kept[kept.count - 1], now: TestRow.epoch)
            }
            #expect(kept.count > 3 && kept.count < 100)
            #expect(try sink.settle(flush: false).count == kept.count)
        }
    }

    @Test func `rows of one row batch over many batches hold its memory once`() async throws {
        var limits = FileSinkLimits()
        limits.heldBytes = 100_000
        try await withSink(limits: limits) { [rides] sink in
            let (some, others) = (rides((0..<200).map { row($0) }), rides((200..<400).map { row($0) }))
            for place in 0..<200 { try sink.write([some[place], others[place]], now: TestRow.epoch) }
            #expect(try sink.settle(flush: false) == [])
            #expect(try sink.settle(flush: true).count == 200)
        }
    }

    @Test func `two schemas of one feature version stand in files of their own`() async throws {
        let changed = TestRows(rides.featureVersion, columns: ["added", "count"])
        try await withSink { [rides, folder] sink in
            try sink.write(
                rides(row(1)) + changed(TestRow("e2", at: 0, ["added": "a", "count": 2])), now: TestRow.epoch)
            #expect(try sink.settle(flush: true) == [[.applied, .applied]])
            let history = History(root: folder.path, featureVersion: rides.featureVersion)
            try history.check()
            #expect(try history.segments().map(\.rows) == [1, 1])
        }
    }
}
