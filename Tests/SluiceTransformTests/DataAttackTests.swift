import SluiceCore
import SluiceRecords
import SluiceTransform
import Testing

/// Records that would make harmless SQL run for ever, read the clock, or give what no sink can keep. Each is refused by
/// itself, and its neighbours are not.
@Suite struct DataAttackTests {
    /// Applies the SQL to the attack between two harmless records.
    private func refusal(_ sql: String, _ attack: String) throws -> (RefusalReason, String) {
        let transform = try CompiledTransform(definition(sql))
        let harmless = #"{"id":"ok","t":1,"a":"x","b":"y","l":[1]}"#
        let result = try transform.apply([harmless, attack, harmless])
        #expect(Set(result.rows.all.map(\.record)) == [0, 2])
        #expect(result.filtered == 0)
        let refusal = try #require(result.refusals.first)
        #expect(result.refusals.map(\.record) == [1])
        return (refusal.reason, refusal.detail)
    }

    @Test(arguments: [
        ("datetime(a)", "now", "'now' came to datetime, which reads the clock then"),
        ("datetime(a)", "NoW", "'now' came to datetime, which reads the clock then"),
        ("date(a)", #"now\u0000x"#, "'now' came to date, which reads the clock then"),
        ("strftime('%s', a)", "now", "'now' came to strftime, which reads the clock then"),
        ("julianday('n' || substr(a, 2))", "xow", "'now' came to julianday, which reads the clock then"),
        (
            "datetime('2024-01-01', a)", "localtime",
            "'localtime' came to datetime, and depends on the machine's time zone"
        ),
        (
            "datetime('2024-01-01', '+1 day', lower(a))", "UTC",
            "'utc' came to datetime, and depends on the machine's time zone"
        ),
        (
            "strftime('%H', '2024-01-01', a)", "LocalTime",
            "'localtime' came to strftime, and depends on the machine's time zone"
        ),
    ])
    func `a clock that arrives as data is refused`(expression: String, value: String, detail: String) throws {
        let attack = #"{"id":"bad","t":1,"a":"\#(value)","b":"y"}"#
        let (reason, found) = try refusal("SELECT id, t, \(expression) AS x FROM events", attack)
        #expect(reason == .sqlFailed)
        #expect(found == "the SQL fails on it: " + detail)
    }

    @Test(arguments: [
        ("json_extract(coalesce(j, '{}'), '$.x')", #""{""#, "malformed JSON"),
        ("j ->> '$.x'", #""[1""#, "malformed JSON"),
        ("json_extract('{}', coalesce(j, '$'))", #""x""#, "JSON path error near 'x'"),
        ("abs(j)", "-9223372036854775808", "integer overflow"),
        (
            "'x' LIKE coalesce(j, '%')", "\"" + String(repeating: "%a", count: 60) + "\"",
            "LIKE or GLOB pattern too complex"
        ),
    ])
    func `SQL that fails on one record refuses that record`(expression: String, value: String, detail: String) throws {
        let (reason, found) = try refusal(
            "SELECT id, t, \(expression) AS x FROM events", #"{"id":"bad","t":1,"j":\#(value)}"#)
        #expect(reason == .sqlFailed)
        #expect(found == "the SQL fails on it: " + detail)
    }

    @Test(arguments: [
        (
            "printf(coalesce(a, 'x'))", "%2000000000d",
            "printf with widths of more than 1048576 characters takes too long"
        ),
        (
            "printf(coalesce(a, 'x'))", "%-.9999999c",
            "printf with widths of more than 1048576 characters takes too long"
        ),
        ("format(coalesce(a, 'x'), 2000000000)", "%*d", "format takes widths as numbers in its format, not as `*`"),
        (
            "format(coalesce(a, 'x'), 1)", "%600000d%600000d",
            "format with widths of more than 1048576 characters takes too long"
        ),
    ])
    func `formats that widen their result beyond reason are refused`(call: String, format: String, detail: String)
        throws
    {
        let (reason, found) = try refusal(
            "SELECT id, t, \(call) AS x FROM events",
            #"{"id":"bad","t":1,"a":"\#(format)"}"#)
        #expect(reason == .sqlFailed)
        #expect(found == "the SQL fails on it: " + detail)
    }

    @Test(arguments: [
        "a || a", "replace(a, 'a', 'aa')", "hex(a)", "json_quote(a || a)",
        "(SELECT group_concat(a || value) FROM json_each(e.l))",
    ])
    func `a value that grows beyond a record's size refuses the record`(expression: String) throws {
        let attack = #"{"id":"bad","t":1,"l":[1,2],"a":"\#(String(repeating: "a", count: 600_000))"}"#
        let (reason, detail) = try refusal("SELECT e.id, t, \(expression) AS x FROM events e", attack)
        #expect(reason == .sqlFailed)
        #expect(
            detail == "a value that the SQL makes of it has more than 1048576 bytes"
                || detail.hasSuffix("string or blob too big"))
    }

    @Test(arguments: [
        "SELECT e.id, t FROM events e, json_each(e.l) x, json_each(e.l) y, json_each(e.l) z WHERE x.value + y.value + z.value < 9",
        "SELECT e.id, t FROM events e, json_each(e.l) x, json_each(e.l) y, json_each(e.l) z",
        "SELECT e.id, t FROM events e WHERE (SELECT count(*) FROM json_each(e.l) x, json_each(e.l) y, json_each(e.l) z) > 0",
        "SELECT e.id, t FROM events e, json_tree(e.l) x, json_tree(e.l) y WHERE x.fullkey || y.fullkey <> 'a'",
    ])
    func `joins that explode are stopped`(sql: String) throws {
        let list = (1...5000).map(String.init).joined(separator: ",")
        let clock = ContinuousClock()
        let attack = #"{"id":"bad","t":1,"l":[\#(list)]}"#
        let start = clock.now
        let (reason, _) = try refusal(sql, attack)
        #expect(reason == .sqlFailed || reason == .tooLarge)
        // By the budget a fifth of a second of processor time; the rest is for machines that are busy.
        #expect(clock.now - start < .seconds(5))
    }

    @Test(arguments: [
        "instr(a, b)", "replace(a, b, '')", "trim(a, b)", "ltrim(a, b)", "rtrim(a, b)",
    ])
    func `functions whose time is a product of lengths are bounded`(call: String) throws {
        let long = String(repeating: "a", count: 400_000)
        let attack = #"{"id":"bad","t":1,"a":"\#(long)","b":"\#(long)b"}"#
        let (reason, detail) = try refusal("SELECT id, t, \(call) AS x FROM events", attack)
        #expect(reason == .sqlFailed)
        #expect(detail.hasSuffix("of texts of 400000 and 400001 bytes takes too long"), "\(detail)")
    }

    @Test func `reading a long text over and over is bounded`() throws {
        let calls = (0..<90).map { "length(lower(a || \($0)))" }.joined(separator: " + ")
        let attack = #"{"id":"bad","t":1,"a":"\#(String(repeating: "a", count: 900_000))"}"#
        let (reason, detail) = try refusal("SELECT id, t, \(calls) AS x FROM events", attack)
        #expect(reason == .sqlFailed)
        #expect(
            detail
                == "the SQL takes too long on it: more than 4000000 steps, 67108864 bytes read, or 0.2 seconds of processor time"
        )
    }

    @Test func `more rows, text or values than one record may make are refused`() throws {
        let ones = Array(repeating: "1", count: 65_537).joined(separator: ",")
        #expect(
            try refusal("SELECT 1 AS id, 1 AS t FROM events e, json_each(e.l)", #"{"l":[\#(ones)]}"#)
                == (.tooLarge, "its rows are more than 65536 rows"))
        let text = String(repeating: "x", count: 100_000)
        #expect(
            try refusal(
                "SELECT e.id, t, e.a FROM events e, json_each(e.l)",
                #"{"id":"bad","t":1,"a":"\#(text)","l":[\#(ones.prefix(200))1]}"#)
                == (.tooLarge, "its rows are more than 4194304 bytes of text"))
        let columns = (0..<300).map { "1 AS c\($0)" }.joined(separator: ",")
        #expect(
            try refusal(
                "SELECT e.id, t, \(columns) FROM events e, json_each(e.l)",
                #"{"id":"bad","t":1,"l":[\#(ones.prefix(10_000))1]}"#)
                == (.tooLarge, "its rows are more than 1048576 values"))
    }

    @Test func `a batch in which every second record fails keeps the others`() throws {
        let transform = try CompiledTransform(
            definition("SELECT id, t, json_extract(a, '$') AS x FROM events WHERE id <> 0"))
        let lines = (0..<256).map { #"{"id":\#($0),"t":1,"a":"\#($0.isMultiple(of: 2) ? "{}" : "{")"}"# }
        for _ in 0..<2 {
            let result = try transform.apply(lines)
            #expect(result.rows.all.map(\.record) == Array(stride(from: 2, to: 256, by: 2)))
            #expect(result.refusals.map(\.record) == Array(stride(from: 1, to: 256, by: 2)))
            #expect(result.filtered == 1)
        }
    }

    @Test func `SQL whose literals fail refuses every record and ends`() throws {
        let transform = try CompiledTransform(definition("SELECT id, t, json_extract('{', '$') AS x FROM events"))
        let result = try transform.apply((0..<100).map { #"{"id":\#($0),"t":1}"# })
        #expect(result.refusals.count == 100)
        #expect(result.rows.count == 0)
    }
}
