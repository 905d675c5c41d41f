import SluiceCore
import SluiceDecisions
import Testing

@Suite struct RefusalBreakerTests {
    private let start = MonotonicTime(nanoseconds: 90_000_000_000)

    @Test func `a feature pauses when more than its share of a thousand records is refused`() {
        var breaker = RefusalBreaker(maxShare: 0.05)
        let early = breaker.observe(records: 950, refused: 40, now: start)
        #expect(!early)
        let pauses = breaker.observe(records: 50, refused: 11, now: start + .seconds(1))
        #expect(pauses)
    }

    @Test func `fewer than a thousand records decide nothing`() {
        var breaker = RefusalBreaker(maxShare: 0.05)
        let pauses = breaker.observe(records: 999, refused: 999, now: start)
        #expect(!pauses)
    }

    @Test func `refusals of more than a minute ago are forgotten`() {
        var breaker = RefusalBreaker(maxShare: 0.05)
        let early = breaker.observe(records: 900, refused: 900, now: start)
        #expect(!early)
        let later = breaker.observe(records: 100_000, refused: 1, now: start + .seconds(61))
        #expect(!later)
    }

    @Test func `exactly the share is not more than it`() {
        var breaker = RefusalBreaker(maxShare: 0.05)
        let pauses = breaker.observe(records: 1000, refused: 50, now: start)
        #expect(!pauses)
    }
}
