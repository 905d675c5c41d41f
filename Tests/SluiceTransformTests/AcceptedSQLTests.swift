import SluiceCore
import SluiceTransform
import Testing

/// SQL that a feature may use, and what it gives.
@Suite struct AcceptedSQLTests {
    private static let record =
        #"{"id":"r1","t":1700000000000,"a":3,"b":null,"city":"Berlin","tags":["x","y"],"o":{"n":{"k":7}},"order":5,"end":1,"flag":true}"#

    @Test(arguments: [
        ("a + 1", Value.integer(4)), ("a * 1.5", .real(4.5)), ("b", .null), ("missing", .null),
        ("lower(city)", .text("berlin")),
        ("flag", .integer(1)), ("o", .text(#"{"n":{"k":7}}"#)), ("o ->> '$.n.k'", .integer(7)),
        ("o -> 'n'", .text(#"{"k":7}"#)),
        ("json_extract(o, '$.n.k')", .integer(7)), ("tags ->> 1", .text("y")), ("json_array_length(tags)", .integer(2)),
        ("\"order\"", .integer(5)), ("[order] + `a`", .integer(8)), ("end", .integer(1)),
        ("CASE WHEN a > 2 THEN 'many' ELSE 'few' END", .text("many")), ("max(a, 10)", .integer(10)),
        ("iif(b IS NULL, 'none', b)", .text("none")), ("a IS NOT DISTINCT FROM 3", .integer(1)),
        ("a BETWEEN 1 AND 3 AND city LIKE 'ber%'", .integer(1)), ("a IN (1, 2, 3)", .integer(1)),
        ("a NOT IN (1, 2, NULL)", .null), ("CAST('12' AS INTEGER)", .integer(12)),
        ("city COLLATE NOCASE = 'BERLIN'", .integer(1)),
        ("true", .integer(1)), ("date(t / 1000, 'unixepoch')", .text("2023-11-14")),
        ("strftime('%H', '2024-01-01 05:00')", .text("05")),
        ("instr(city, 'l')", .integer(4)), ("replace(city, 'Ber', 'Dub')", .text("Dublin")),
        ("trim('xxax', 'x')", .text("a")),
        ("(SELECT count(*) FROM json_each(tags))", .integer(2)),
        ("(SELECT group_concat(value, '+') FROM json_each(tags))", .text("x+y")),
        ("(SELECT value FROM json_each(tags) WHERE key = 1)", .text("y")),
        ("EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 'y')", .integer(1)),
        ("'y' IN (SELECT value FROM json_each(tags))", .integer(1)),
        ("(SELECT sum(atom) FROM json_tree(o))", .integer(7)),
        ("printf('%05.1f', a)", .text("003.0")), ("round(2.567, 2)", .real(2.57)), ("9e999 > 1", .integer(1)),
        ("'now'", .text("now")),
        ("x'41' || 'b'", .text("Ab")), ("/* comment */ a -- and another\n", .integer(3)),
    ])
    func `an expression has SQLite's value`(expression: String, value: Value) throws {
        let rows = try CompiledTransform.rows(
            "SELECT events.id, t, \(expression) AS x FROM events", [Self.record])
        #expect(rows == [["id": .text("r1"), "t": .integer(1_700_000_000_000), "x": value]])
    }

    @Test(arguments: [
        "SELECT id, t FROM events", "select id, t from EVENTS;", "SELECT e.id, e.t FROM events AS e",
        "SELECT id AS id, t t FROM events e ; -- end",
        "SELECT \"id\", [t] FROM `events`", "SELECT ALL id, t FROM events WHERE 1",
    ])
    func `the same may be written in many ways`(sql: String) throws {
        let rows = try CompiledTransform.rows(sql, [Self.record])
        #expect(rows == [["id": .text("r1"), "t": .integer(1_700_000_000_000)]])
    }

    @Test func `json_each makes several rows of one record, in order`() throws {
        let transform = try CompiledTransform(
            definition(
                "SELECT e.id, e.t, j.key AS place, value AS tag FROM events e, json_each(e.tags) j WHERE e.tag IS NULL")
        )
        let result = try transform.apply([
            #"{"id":1,"t":5,"tags":["a","b","c"]}"#, #"{"id":2,"t":6,"tags":[]}"#, #"{"id":3,"t":7,"tags":["d"]}"#,
        ])
        #expect(result.rows.all.map { $0.values["tag"] } == ["a", "b", "c", "d"].map { .text($0) })
        #expect(result.rows.all.map(\.record) == [0, 0, 0, 2])
        #expect(result.rows.all.map(\.version.index) == [0, 1, 2, 0])
        #expect(result.filtered == 1)
    }

    @Test func `LEFT JOIN keeps a record whose array is empty`() throws {
        let rows = try CompiledTransform.rows(
            "SELECT e.id, t, value AS tag FROM events e LEFT JOIN json_each(tags) ON true",
            [#"{"id":1,"t":5,"tags":[]}"#, #"{"id":2,"t":6,"tags":["a"]}"#])
        #expect(rows.map { $0["tag"] } == [.null, .text("a")])
    }

    @Test func `only members that the SQL reads are read, spelt as it spells them`() throws {
        let transform = try CompiledTransform(
            definition(
                "SELECT riderId AS id, t, lower(city) AS town FROM events WHERE status <> 'test' AND CAST(n AS REAL) > 1"
            ))
        #expect(transform.columnsRead == ["city", "n", "riderId", "status", "t"])
        #expect(transform.schema.columns == ["id", "t", "town"])
    }

    @Test func `a WHERE that gives no row filters the record`() throws {
        let result = try CompiledTransform(definition("SELECT id, t FROM events WHERE a > 1"))
            .apply([#"{"id":1,"t":5,"a":1}"#, #"{"id":2,"t":5,"a":2}"#, #"{"id":3,"t":5}"#])
        #expect(result.filtered == 2)
        #expect(result.rows.all.map(\.entity) == ["2"])
    }

    @Test func `fields of CSV are text until the SQL casts them`() throws {
        let rows = try CompiledTransform.rows(
            "SELECT id, t, CAST(d AS REAL) >= 500 AS far, d FROM events", ["a,2024-01-01,120.0", "b,2024-01-01,"],
            format: .csv(header: ["id", "t", "d"]))
        #expect(rows.map { $0["far"] } == [.integer(0), .null])
        #expect(rows.map { $0["d"] } == [.text("120.0"), .null])
    }
}
