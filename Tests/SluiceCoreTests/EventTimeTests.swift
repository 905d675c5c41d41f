import Foundation
import SluiceCore
import Testing

@Suite struct EventTimeTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01 00:00:00", 0), ("1970-01-01", 0),
        ("1970-01-01T00:00:01.5Z", 1_500_000), ("1970-01-01T00:00:00.123456789Z", 123_456),
        ("1969-12-31T23:59:59.999999Z", -1), ("1970-01-01T02:00:00+02:00", 0), ("1969-12-31T22:30:00-0130", 0),
        ("1970-01-01T00:00Z", 0), ("2015-09-12T00:46:58.771Z", 1_442_018_818_771_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000), ("2000-02-29T12:00:00Z", 951_825_600_000_000),
        ("0900-01-01T00:00:00Z", -33_765_897_600_000_000), ("3100-12-31T23:59:59Z", 35_690_889_599_000_000),
    ])
    func `it reads ISO 8601`(text: String, microseconds: Int64) {
        #expect(EventTime(iso8601: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "now", "1970", "1970-13-01T00:00:00Z", "1970-02-29T00:00:00Z", "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z", "1970-01-01T00:00:61Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.1234567890Z",
        "1970-01-01T00:00:00+25:00", "1970-01-01T00:00:00Zulu", " 1970-01-01T00:00:00Z", "1970-1-1T00:00:00Z",
        "1970-01-01T00:00:00 UTC", "1970-01-01T", "1970-01-01T00", "9999-12-31T23:59:59Z",
    ])
    func `it does not guess`(text: String) {
        #expect(EventTime(iso8601: text) == nil)
    }

    /// From the Gregorian reform on; before it, Foundation's calendar parts ways with ISO 8601.
    @Test func `it writes what Foundation writes`() {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
        for _ in 0..<2000 {
            let seconds = Int64.random(in: -12_219_292_800...36_000_000_000)
            let date = Date(timeIntervalSince1970: TimeInterval(seconds))
            #expect(EventTime(microseconds: seconds * 1_000_000).description == date.formatted(format))
        }
    }

    @Test func `it reads back what it writes`() {
        for _ in 0..<2000 {
            let time = EventTime(microseconds: .random(in: -36_000_000_000_000_000...36_000_000_000_000_000))
            #expect(EventTime(iso8601: time.description) == time)
        }
    }

    @Test func `integers count seconds, milliseconds or microseconds`() {
        #expect(EventTime(epoch: 5, unit: .seconds)?.microseconds == 5_000_000)
        #expect(EventTime(epoch: 5, unit: .milliseconds)?.microseconds == 5000)
        #expect(EventTime(epoch: 5, unit: .microseconds)?.microseconds == 5)
        #expect(EventTime(epoch: .max, unit: .seconds) == nil)
        #expect(EventTime(epoch: 1 << 55, unit: .microseconds) == nil)
    }

    @Test func `a time too far ahead is held at the last one`() {
        #expect(EventTime(microseconds: 0).advanced(by: .seconds(Int64.max)).microseconds == EventTime.bias - 1)
    }
}
