import SluiceDecisions
import Testing

@Suite struct AppetiteTests {
    @Test func `it grows to whole batches while turns are short`() {
        var appetite = Appetite()
        #expect(appetite.records == 8)
        for _ in 0..<10 { appetite.took(.milliseconds(1), bytes: 10_000) }
        #expect(appetite.records == 256)
    }

    @Test func `slow records are taken one at a time`() {
        var appetite = Appetite()
        for _ in 0..<10 { appetite.took(.milliseconds(200), bytes: 10_000) }
        #expect(appetite.records == 1)
    }

    @Test func `records that make much are taken fewer at a time`() {
        var appetite = Appetite()
        for _ in 0..<3 { appetite.took(.milliseconds(1), bytes: 4 << 20) }
        #expect(appetite.records == 1)
    }

    @Test func `a turn that is about right changes nothing`() {
        var appetite = Appetite()
        appetite.took(.milliseconds(15), bytes: 10_000)
        #expect(appetite.records == 8)
    }
}
