import SluiceCore
import Testing

@Suite struct WriteVersionTests {
    private func random(_ generator: inout some RandomNumberGenerator) -> WriteVersion {
        // Small ranges too, so that parts are often equal.
        let wide = Bool.random(using: &generator)
        return WriteVersion(
            eventTime: EventTime(
                microseconds: wide
                    ? .random(in: -EventTime.bias..<EventTime.bias, using: &generator)
                    : .random(in: -2...2, using: &generator)),
            revision: wide ? .random(in: 0 ... .max, using: &generator) : .random(in: 0...2, using: &generator),
            lane: Bool.random(using: &generator) ? .realtime : .bootstrap,
            position: Position(
                high: .random(in: 0...(wide ? .max : 1), using: &generator),
                low: .random(in: 0...(wide ? .max : 1), using: &generator)),
            index: .random(in: 0...2, using: &generator))
    }

    @Test func `comparing texts compares versions`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let (one, other) = (random(&generator), random(&generator))
            #expect((one < other) == (one.description < other.description), "\(one) and \(other)")
        }
    }

    @Test func `a version reads back from its text`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let version = random(&generator)
            #expect(WriteVersion(text: version.description) == version)
        }
    }

    @Test func `the text has the fields in their places`() {
        let version = WriteVersion(
            eventTime: EventTime(microseconds: 1), revision: 2, lane: .realtime,
            position: Position(fileOrdinal: 3, offset: 4), index: 5)
        #expect(version.description == "80000000000001" + "00000002" + "1" + "00000003000000000004" + "0005")
        #expect(version.description.utf8.count == 47)
    }

    @Test func `a Redis Stream's entry keeps its milliseconds and sequence`() {
        let position = Position(redisMilliseconds: 1_700_000_000_123, sequence: 7)
        #expect(position.description == "018bcfe5687b00000007")
        #expect(position.redisMilliseconds == 1_700_000_000_123)
        #expect(position.redisSequence == 7)
    }

    @Test(arguments: ["", "8000", String(repeating: "0", count: 46), String(repeating: "G", count: 47)])
    func `what is no version is not read as one`(text: String) {
        #expect(WriteVersion(text: text) == nil)
    }
}
