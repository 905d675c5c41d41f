import SluiceCore
import SluiceRecords
import SluiceTransform
import Testing

/// From a result of the SQL to a keyed and versioned row, or to a refusal.
@Suite struct RowRuleTests {
    @Test(arguments: [
        ("", #""t":1"#, RefusalReason.badEntity, "the entity's `id` is NULL"),
        ("", #""id":null,"t":1"#, .badEntity, "the entity's `id` is NULL"),
        ("", #""id":1.5,"t":1"#, .badEntity, "the entity's `id` is a real number; expected is text or an integer"),
        ("", #""id":1"#, .badEventTime, "the event time `t` is NULL"),
        (
            "", #""id":1,"t":1.5"#, .badEventTime,
            "the event time `t` is a real number; expected is ISO 8601 or an integer"
        ),
        (
            "", #""id":1,"t":"yesterday""#, .badEventTime,
            "the event time `t` cannot be read; expected is ISO 8601 or an integer in ms"
        ),
        (
            "", #""id":1,"t":9223372036854775807"#, .badEventTime,
            "the event time `t` cannot be read; expected is ISO 8601 or an integer in ms"
        ),
        (
            "", #""id":1,"t":"2026-01-01T00:05:00.000001Z""#, .futureEventTime,
            "the event time 2026-01-01T00:05:00.000001Z lies further ahead than max_future_skew allows, which ends at 2026-01-01T00:05:00Z"
        ),
        (", a AS r", #""id":1,"t":1,"a":-1"#, .badRevision, "the revision `r` is not an integer from 0 to 4294967295"),
        (
            ", a AS r", #""id":1,"t":1,"a":4294967296"#, .badRevision,
            "the revision `r` is not an integer from 0 to 4294967295"
        ),
        (
            ", a AS r", #""id":1,"t":1,"a":"1.0""#, .badRevision,
            "the revision `r` is not an integer from 0 to 4294967295"
        ),
        (", a AS r", #""id":1,"t":1,"a":1.0"#, .badRevision, "the revision `r` is not an integer from 0 to 4294967295"),
        (
            ", a AS d", #""id":1,"t":1,"a":"perhaps""#, .badValue,
            "`d` says neither true nor false; expected is a number or one of these words"
        ),
        (
            ", CAST(a AS BLOB) AS x", #""id":1,"t":1,"a":"x""#, .badValue,
            "`x` is a blob; expected is text or a number: `CAST(… AS TEXT)` or `hex(…)`"
        ),
        (", CAST(x'ff' || a AS TEXT) AS x", #""id":1,"t":1,"a":"x""#, .badValue, "`x` is text that is not UTF-8"),
        (
            ", a * 1e308 AS x", #""id":1,"t":1,"a":100"#, .badValue,
            "`x` is infinite; expected is a number that JSON can write"
        ),
        (", a", #""id":1,"t":1,"a":18446744073709551615"#, .badValue, "the integer in `a` does not fit 64 bits"),
        (", a", #""id":1,"t":1,"a":"#, .unreadable, "it is not valid JSON"),
    ])
    func `a row that breaks a rule refuses its record`(
        columns: String, members: String, reason: RefusalReason, detail: String
    ) throws {
        let transform = try CompiledTransform(
            definition(
                "SELECT id, t\(columns) FROM events", revision: columns.hasSuffix(" r") ? "r" : nil,
                deleteWhen: columns.hasSuffix(" d") ? "d" : nil))
        let result = try transform.apply([#"{"id":0,"t":1}"#, "{\(members)}", #"{"id":2,"t":1}"#])
        #expect(result.refusals == [RecordRefusal(record: 1, reason: reason, detail: detail)])
        #expect(result.rows.all.map(\.record) == [0, 2])
        #expect(result.filtered == 0)
    }

    @Test func `one bad row refuses all rows of its record`() throws {
        let transform = try CompiledTransform(
            definition("SELECT j.value AS id, e.t, e.a FROM events e, json_each(e.ids) j"))
        let result = try transform.apply([
            #"{"t":1,"ids":[1,2,null,3],"a":"long text"}"#, #"{"t":1,"ids":["x"],"a":"b"}"#,
        ])
        #expect(result.refusals.map(\.reason) == [.badEntity])
        #expect(result.rows.all.map(\.values) == [["id": .text("x"), "t": .integer(1), "a": .text("b")]])
        #expect(result.rows[0].version.index == 0)
    }

    @Test(arguments: [
        ("1700000000", EpochUnit.seconds, 1_700_000_000_000_000 as Int64),
        ("1700000000123", .milliseconds, 1_700_000_000_123_000),
        ("1700000000123456", .microseconds, 1_700_000_000_123_456),
        (#""2023-11-14T22:13:20.123456Z""#, .seconds, 1_700_000_000_123_456),
        (#""2023-11-14 22:13:20""#, .seconds, 1_700_000_000_000_000), ("-1", .milliseconds, -1000),
    ])
    func `the version begins with the event time`(time: String, unit: EpochUnit, microseconds: Int64) throws {
        let transform = try CompiledTransform(
            definition("SELECT id, t, p FROM events", unit: unit, revision: "p", retention: .seconds(86_400)))
        let records = batch([#"{"id":"x","t":0,"p":0}"#, #"{"id":"é|{1}","t":\#(time),"p":7}"#])
        let result = try transform.apply(records, lane: .bootstrap, now: testNow, maxFutureSkew: .zero)
        let row = try #require(result.rows.all.last)
        #expect(
            row.version
                == WriteVersion(
                    eventTime: EventTime(microseconds: microseconds), revision: 7, lane: .bootstrap,
                    position: records.records[1].position, index: 0))
        #expect(row.expiresAt == EventTime(microseconds: microseconds + 86_400_000_000))
        #expect(row.entity == "é%7C%7B1%7D")
        #expect(!row.isDeleted)
    }

    @Test func `without retention a row does not expire, and a revision of NULL is 0`() throws {
        let transform = try CompiledTransform(definition("SELECT id, t, p FROM events", revision: "p"))
        let row = try transform.apply([#"{"id":"","t":0}"#]).rows[0]
        #expect(row.expiresAt == nil)
        #expect(row.version.revision == 0)
        #expect(row.version.lane == .realtime)
        #expect(row.entity == "")
    }

    @Test func `an entity of several columns is joined in the order of its key`() throws {
        let transform = try CompiledTransform(definition("SELECT a, b, t FROM events", entity: ["b", "a"]))
        #expect(try transform.apply([#"{"a":"x","b":-7,"t":0}"#]).rows[0].entity == "-7|x")
    }

    @Test(arguments: [
        ("true", true), ("false", false), ("null", false), ("0", false), ("2", true), ("0.5", true), ("0.0", false),
        (#""true""#, true),
        (#""FALSE""#, false), (#""1""#, true), (#""0""#, false), (#""""#, false),
    ])
    func `the column delete_when makes a tombstone where it is true`(value: String, isDeleted: Bool) throws {
        let transform = try CompiledTransform(definition("SELECT id, t, d FROM events", deleteWhen: "d"))
        #expect(try transform.apply([#"{"id":1,"t":0,"d":\#(value)}"#]).rows[0].isDeleted == isDeleted)
    }

    /// Each pair of values is what a revision and a delete make of the same record.
    @Test(arguments: [
        ("SELECT id, t FROM events", #""pane":7,"gone":true"#, 7 as UInt32, true),
        ("SELECT id, t FROM events", #""pane":"7","gone":"true""#, 7, true),
        ("SELECT id, t FROM events", #""pane":null,"gone":null"#, 0, false),
        ("SELECT id, t FROM events", #""x":1"#, 0, false),
        ("SELECT id, t FROM events WHERE pane > 1 AND NOT coalesce(gone, 0)", #""pane":7,"gone":false"#, 7, false),
        ("SELECT id, t, pane + 1 AS pane, NOT gone AS gone FROM events", #""pane":7,"gone":true"#, 8, false),
        ("SELECT id, t, x AS pane FROM events", #""pane":7,"gone":1,"x":3"#, 3, true),
    ])
    func `revision and delete_when name a column or, where the SQL does not select it, a member`(
        sql: String, members: String, revision: UInt32, isDeleted: Bool
    ) throws {
        let transform = try CompiledTransform(definition(sql, revision: "pane", deleteWhen: "gone"))
        // The neighbours have other values, so that a value of another record would show.
        let neighbour = #"{"id":0,"t":1,"pane":4,"gone":false,"x":2}"#
        let rows = try transform.apply([neighbour, #"{"id":1,"t":1,\#(members)}"#, neighbour]).rows.all
        #expect(rows.map(\.record) == [0, 1, 2])
        #expect(rows[1].version.revision == revision)
        #expect(rows[1].isDeleted == isDeleted)
    }

    @Test func `members beside the SQL are lineage and no columns, and count for all rows of their record`() throws {
        let transform = try CompiledTransform(
            definition("SELECT value AS id, e.t FROM events e, json_each(e.ids)", revision: "pane", deleteWhen: "gone"))
        #expect(transform.schema.columns == ["id", "t"])
        #expect(transform.columnsRead == ["gone", "ids", "pane", "t"])
        let rows = try transform.apply([#"{"ids":[1,2],"t":1,"pane":5,"gone":1}"#, #"{"ids":[3],"t":1}"#]).rows.all
        #expect(rows.map(\.version.revision) == [5, 5, 0])
        #expect(rows.map(\.isDeleted) == [true, true, false])
        #expect(rows.map { $0.values.keys.sorted() } == Array(repeating: ["id", "t"], count: 3))
    }

    @Test func `fields of CSV beside the SQL are read as the numbers and words that they write`() throws {
        let transform = try CompiledTransform(
            definition("SELECT id, t FROM events", revision: "pane", deleteWhen: "gone"))
        let result = try transform.apply(
            ["a,2024-01-01,3,TRUE", "b,2024-01-01,,", "c,2024-01-01,x,0", "d,2024-01-01,1,perhaps"],
            format: .csv(header: ["id", "t", "pane", "gone"]))
        #expect(result.rows.all.map(\.entity) == ["a", "b"])
        #expect(result.rows.all.map(\.version.revision) == [3, 0])
        #expect(result.rows.all.map(\.isDeleted) == [true, false])
        #expect(
            result.refusals == [
                RecordRefusal(
                    record: 2, reason: .badRevision,
                    detail: "the revision `pane` is not an integer from 0 to 4294967295"),
                RecordRefusal(
                    record: 3, reason: .badValue,
                    detail: "`gone` says neither true nor false; expected is a number or one of these words"),
            ])
    }

    @Test func `control records stand apart and are counted by nobody`() throws {
        let result = try CompiledTransform(definition("SELECT id, t FROM events WHERE id > 1")).apply([
            #"{"_sluice":"begin","run":"r"}"#, #"{"id":1,"t":0}"#, #"{"id":2,"t":0}"#, "{",
            #"{"_sluice":"end","run":"r","count":3}"#,
            #"{"_sluice":"?"}"#,
        ])
        #expect(result.controls.map(\.record) == [0, 4])
        #expect(
            result.controls.map(\.control) == [
                ControlRecord(kind: .begin, run: "r"), ControlRecord(kind: .end(count: 3), run: "r"),
            ])
        #expect(result.refusals.map(\.record) == [3, 5])
        #expect(result.dataRecords == 4)
        #expect(result.filtered == 1)
        #expect(result.rows.count == 1)
    }

    @Test func `an empty batch becomes nothing`() throws {
        let result = try CompiledTransform(definition("SELECT id, t FROM events")).apply([])
        #expect(result.rows.count == 0)
        #expect(result.dataRecords == 0)
    }
}

/// Records of a compacted view, which carry the versions that their rows have.
@Suite struct KeptVersionTests {
    private let version = WriteVersion(
        eventTime: EventTime(microseconds: 1_700_000_000_000_000), revision: 3, lane: .realtime,
        position: Position(redisMilliseconds: 1_700_000_000_500, sequence: 2), index: 4)

    @Test func `event time, revision, position and index stay, and the lane becomes bootstrap`() throws {
        let transform = try CompiledTransform(definition("SELECT id, t FROM events", retention: .seconds(60)))
        let result = try transform.apply(
            [#"{"_v":"\#(version)","id":1,"t":5}"#, #"{"_v":"\#(version)","_deleted":true,"id":2,"t":5}"#],
            keepsVersions: true)
        for row in result.rows.all {
            #expect(
                row.version
                    == WriteVersion(
                        eventTime: version.eventTime, revision: 3, lane: .bootstrap, position: version.position,
                        index: 4))
            #expect(row.expiresAt == version.eventTime.advanced(by: .seconds(60)))
        }
        #expect(result.rows.all.map(\.isDeleted) == [false, true])
    }

    @Test func `several rows of such a record follow one another`() throws {
        let transform = try CompiledTransform(definition("SELECT value AS id, t FROM events, json_each(l)"))
        let result = try transform.apply([#"{"_v":"\#(version)","l":[1,2],"t":5}"#], keepsVersions: true)
        #expect(result.rows.all.map(\.version.index) == [4, 5])
    }

    @Test(arguments: [
        (#"{"id":1,"t":5}"#, RefusalReason.badValue), (#"{"id":1,"t":5,"_v":"00"}"#, .badValue),
        (#"{"id":1,"t":5,"_v":7}"#, .badValue),
        (#"{"id":1,"t":5,"_v":"0000000000000000000000000000000000000000000000x"}"#, .badValue),
        (#"{"id":1,"t":5,"_v":"ffffffffffffff000000000000000000000000000000000"}"#, .futureEventTime),
    ])
    func `a record without a sound version is refused`(json: String, reason: RefusalReason) throws {
        let transform = try CompiledTransform(definition("SELECT id, t FROM events"))
        #expect(try transform.apply([json], keepsVersions: true).refusals.map(\.reason) == [reason])
    }

    @Test func `a tombstone's mark that says nothing is refused, though no key names it`() throws {
        let transform = try CompiledTransform(definition("SELECT id, t FROM events"))
        let result = try transform.apply(
            [#"{"_v":"\#(version)","_deleted":"perhaps","id":1,"t":5}"#], keepsVersions: true)
        #expect(
            result.refusals.map(\.detail) == [
                "`_deleted` says neither true nor false; expected is a number or one of these words"
            ])
    }

    @Test func `a member that delete_when names is read of such records too`() throws {
        let transform = try CompiledTransform(definition("SELECT id, t FROM events", deleteWhen: "gone"))
        let result = try transform.apply(
            [
                #"{"_v":"\#(version)","_deleted":true,"id":1,"t":5}"#,
                #"{"_v":"\#(version)","id":2,"t":5,"gone":1}"#,
                #"{"_v":"\#(version)","id":3,"t":5}"#,
            ], keepsVersions: true)
        #expect(result.rows.all.map(\.isDeleted) == [true, true, false])
    }

    @Test func `elsewhere such members are data like any other`() throws {
        let transform = try CompiledTransform(definition("SELECT id, t, _v AS v FROM events"))
        let result = try transform.apply([#"{"_v":"x","_deleted":true,"id":1,"t":5}"#])
        #expect(result.rows[0].values["v"] == .text("x"))
        #expect(!result.rows[0].isDeleted)
    }
}
