import SluiceCore
import SluiceDecisions
import Testing

@Suite struct PacerTests {
    /// Spends whatever is at hand every few milliseconds, and returns when each row was written.
    private func drain(_ pacer: inout Pacer, from start: MonotonicTime, for duration: Duration) -> [MonotonicTime] {
        var written: [MonotonicTime] = []
        var now = start
        while now < start + duration {
            pacer.refill(now: now)
            let count = min(pacer.available, pacer.batchLimit)
            if count > 0 { pacer.spend(count) }
            written += Array(repeating: now, count: count)
            now = now + .milliseconds(1)
        }
        return written
    }

    private func most(in span: Duration, of written: [MonotonicTime]) -> Int {
        var (most, first) = (0, 0)
        for (last, time) in written.enumerated() {
            while time - written[first] >= span { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }

    @Test(arguments: [100.0, 2000, 20_000])
    func `a backlog is written smoothly at the rate`(rate: Double) {
        let start = MonotonicTime(nanoseconds: 0)
        var pacer = Pacer(rate: Rate(rowsPerSecond: rate), now: start)
        let written = drain(&pacer, from: start, for: .seconds(30))
        #expect(Double(most(in: .seconds(1), of: written)) <= rate * 1.05 + 1)
        #expect(Double(most(in: .seconds(10), of: written)) <= rate * 10 * 1.01 + 1)
        #expect(Double(written.count) >= rate * 30 * 0.98)
    }

    @Test func `idleness stores no more than fifty milliseconds of the rate`() {
        let start = MonotonicTime(nanoseconds: 0)
        var pacer = Pacer(rate: Rate(rowsPerSecond: 1000), now: start)
        pacer.refill(now: start + .seconds(3600))
        #expect(pacer.available == 50)
    }

    @Test func `it starts empty`() {
        let start = MonotonicTime(nanoseconds: 5)
        #expect(Pacer(rate: Rate(rowsPerSecond: 1000), now: start).available == 0)
    }

    @Test func `a raise by a hundred adds no tokens at once`() {
        let start = MonotonicTime(nanoseconds: 0)
        var pacer = Pacer(rate: Rate(rowsPerSecond: 100), now: start)
        pacer.refill(now: start + .seconds(1))
        let before = pacer.available
        pacer.change(to: Rate(rowsPerSecond: 10_000), now: start + .seconds(1))
        #expect(pacer.available == before)
    }

    @Test func `a lower rate shrinks what is at hand in proportion`() {
        let start = MonotonicTime(nanoseconds: 0)
        var pacer = Pacer(rate: Rate(rowsPerSecond: 10_000), now: start)
        pacer.change(to: Rate(rowsPerSecond: 1000), now: start + .seconds(1))
        #expect(pacer.available == 50)
    }

    @Test func `a rate of zero never has a token`() {
        let start = MonotonicTime(nanoseconds: 0)
        var pacer = Pacer(rate: Rate(rowsPerSecond: 0), now: start)
        pacer.refill(now: start + .seconds(100))
        #expect(pacer.available == 0)
        #expect(pacer.time(untilAvailable: 1) == nil)
    }

    @Test(arguments: [0.5, 3, 100, 7777])
    func `the time it names is when the tokens are there and not before`(rate: Double) throws {
        let start = MonotonicTime(nanoseconds: 1_000_000)
        var pacer = Pacer(rate: Rate(rowsPerSecond: rate), now: start)
        let time = try #require(pacer.time(untilAvailable: 1))
        pacer.refill(now: MonotonicTime(nanoseconds: time.nanoseconds - 1_000_000))
        if rate <= 100 { #expect(pacer.available == 0) }
        pacer.refill(now: time)
        #expect(pacer.available >= 1)
    }
}
