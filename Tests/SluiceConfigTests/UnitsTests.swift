import SluiceConfig
import SluiceCore
import Testing

@Suite struct UnitsTests {
    @Test(arguments: [
        ("20000/s", 20_000.0), ("0/s", 0), ("0.5/s", 0.5), ("1000000000/s", 1e9), ("007/s", 7),
    ]) func `rates are rows per second`(_ text: String, _ rate: Double) throws {
        #expect(try Rate(parsing: text).rowsPerSecond == rate)
    }

    @Test(arguments: [
        "", "/s", "5", "5/m", "-5/s", "5 /s", "1e3/s", "nan/s", ".5/s", "5./s", "1000000001/s", "٣/s", "1.2.3/s",
        "1234567890123456/s",
    ]) func `what is no rate is refused`(_ text: String) {
        #expect(throws: ValueError.self) { try Rate(parsing: text) }
    }

    @Test(arguments: [
        ("200ms", Duration.milliseconds(200)), ("20s", .seconds(20)), ("5m", .seconds(300)), ("24h", .seconds(86_400)),
        ("30d", .seconds(2_592_000)), ("1h30m", .seconds(5400)), ("1.5s", .milliseconds(1500)), ("0s", .zero),
        ("250us", .microseconds(250)), ("1m0.5s", .milliseconds(60_500)), ("36500d", .seconds(3_153_600_000)),
        ("0.000000000000001d", .zero),
    ]) func `durations add up their units`(_ text: String, _ duration: Duration) throws {
        #expect(try Duration(parsing: text) == duration)
    }

    @Test(arguments: [
        "", "5", "m", "5 m", "-1h", "30m1h", "1h1h", "1w", "1H", "1e3s", "36501d", "999999999999999d", "1hm", "1..5s",
        "999999999999999.999999999999999d",
    ]) func `what is no duration is refused`(_ text: String) {
        #expect(throws: ValueError.self) { try Duration(parsing: text) }
    }

    @Test(arguments: [
        ("8MiB", 8 << 20), ("64KiB", 64 << 10), ("0B", 0), ("512B", 512), ("1GiB", 1 << 30), ("1024TiB", 1 << 50),
    ]) func `sizes are in binary units, and print as they were read`(_ text: String, _ bytes: Int) throws {
        #expect(try ByteCount(parsing: text).bytes == bytes)
        #expect(try ByteCount(parsing: ByteCount(bytes).description).bytes == bytes)
    }

    @Test(arguments: ["", "8", "8MB", "8 MiB", "1.5MiB", "-1B", "1025TiB", "999999999TiB", "9999999999B"])
    func `what is no size is refused`(_ text: String) {
        #expect(throws: ValueError.self) { try ByteCount(parsing: text) }
    }

    @Test(arguments: [("5%", 0.05), ("0%", 0), ("100%", 1), ("12.5%", 0.125)])
    func `shares are percentages`(_ text: String, _ share: Double) throws {
        #expect(try Share.parse(text) == share)
    }

    @Test(arguments: ["", "%", "5", "0.05", "101%", "-1%", "100.1%"]) func `what is no share is refused`(_ text: String)
    {
        #expect(throws: ValueError.self) { try Share.parse(text) }
    }

    @Test func `an error says what was found and what is expected`() {
        let error = #expect(throws: ValueError.self) { try Rate(parsing: "20000") }
        #expect(error?.description == "`20000` is no rate; expected rows per second, such as 20000/s (0/s pauses)")
    }
}
