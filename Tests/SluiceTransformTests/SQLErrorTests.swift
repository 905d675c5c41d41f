import SluiceCore
import SluiceTransform
import Testing

/// What is wrong with SQL, in which words, and where: `¦` marks the place of each fault that has one, and belongs to no
/// SQL.
@Suite struct SQLErrorTests {
    @Test(arguments: cases)
    func `hostile and foolish SQL is refused with place, reason and remedy`(marked: String, messages: [String]) throws {
        let pieces = marked.split(separator: "¦", omittingEmptySubsequences: false).map(\.utf8.count)
        let offsets = pieces.indices.dropLast().map { pieces[...$0].reduce(0, +) }
        let sql = marked.replacing("¦", with: "")
        let thrown = #expect(throws: TransformErrors.self) { try CompiledTransform(definition(sql)) }
        let errors = try #require(thrown).errors
        #expect(errors.map(\.description) == messages)
        #expect(errors.compactMap(\.sqlOffset) == offsets)
    }

    @Test(arguments: [
        ("entity", definition("SELECT rider AS ident, t FROM events", entity: ["idents"])),
        ("entity", definition("SELECT id, t FROM events", entity: [])),
        ("event_time", definition("SELECT id, at FROM events")),
        ("event_time", definition("SELECT id, T FROM events")),
        ("revision", definition("SELECT id, t, pane FROM events", revision: "pnae")),
        ("delete_when", definition("SELECT id, t, gone FROM events", deleteWhen: "Gone")),
    ])
    func `a key that names no column of the result is at fault, not the SQL`(key: String, definition: FeatureDefinition)
    {
        let thrown = #expect(throws: TransformErrors.self) { try CompiledTransform(definition) }
        #expect(thrown?.errors.map(\.key) == [key])
        #expect(thrown?.errors.first?.sqlOffset == nil)
    }

    @Test func `all faults of the result's columns are told at once`() {
        let broken = definition(
            "SELECT a + 1, b AS _b, t, pane, gone FROM events", entity: ["id", "city"], revision: "panes",
            deleteWhen: "gonne")
        let thrown = #expect(throws: TransformErrors.self) { try CompiledTransform(broken) }
        #expect(thrown?.errors.map(\.key) == ["sql", "sql", "entity", "entity", "revision", "delete_when"])
        #expect(thrown?.errors.map(\.sqlOffset) == [7, 14, nil, nil, nil, nil])
    }

    @Test func `a member may be what nearly is selected, if the SQL reads it or is clearly another name`() throws {
        let thrown = #expect(throws: TransformErrors.self) {
            try CompiledTransform(definition("SELECT id, t, is_deleted FROM events", deleteWhen: "is_delted"))
        }
        #expect(
            thrown?.errors.map(\.description) == [
                "the SQL neither selects nor reads `is_delted`, but selects `is_deleted`; did you mean `is_deleted`? A member of the record named `is_delted` must be selected as well"
            ])
        for (sql, name) in [
            ("SELECT id, t, is_deleted FROM events WHERE is_delted IS NULL", "is_delted"),
            ("SELECT id, t, is_deleted, is_delted FROM events", "is_delted"),
            ("SELECT id, t, deletable FROM events", "is_deleted"), ("SELECT id, t FROM events", "d"),
        ] {
            #expect(throws: Never.self) { try CompiledTransform(definition(sql, deleteWhen: name)) }
        }
    }

    @Test func `SQL that is too long, too deep or too wide is refused`() {
        let long =
            "SELECT id, t FROM events WHERE a IN (\(Array(repeating: "1234567", count: 10_000).joined(separator: ",")))"
        let deep =
            "SELECT id, t, \(String(repeating: "abs(", count: 200))a\(String(repeating: ")", count: 200)) AS x FROM events"
        let wide = "SELECT id, t, \((0..<600).map { "a AS c\($0)" }.joined(separator: ",")) FROM events"
        for sql in [long, deep, wide] {
            #expect(throws: TransformErrors.self) { try CompiledTransform(definition(sql)) }
        }
    }

    private static let cases: [(String, [String])] = [
        (
            "SELECT ¦* FROM events",
            ["`*` depends on the record; name the columns"]
        ),
        (
            "SELECT id, t, ¦count(*) AS n FROM events",
            ["the aggregate `count` spans records; compute it upstream, or in a subquery over json_each(…)"]
        ),
        (
            "SELECT id, t FROM events ¦ORDER BY t",
            ["ORDER BY spans records; rows of one record keep the order in which they arise"]
        ),
        (
            "SELECT id, t FROM events ¦LIMIT 1",
            ["LIMIT spans records; filter with WHERE"]
        ),
        (
            "SELECT ¦DISTINCT id, t FROM events",
            ["DISTINCT spans records; equal rows of one entity are merged by their version"]
        ),
        (
            "SELECT id, ¦max(t) AS t FROM events ¦GROUP BY id",
            [
                "the aggregate `max` spans records; compute it upstream, or in a subquery over json_each(…)",
                "GROUP BY spans records; group upstream, or aggregate in a subquery over json_each",
            ]
        ),
        (
            "SELECT id, t FROM events ¦UNION ¦SELECT id, t FROM events",
            [
                "compound selects are not supported; one SELECT … FROM events … is expected",
                "a second SELECT; one SELECT … FROM events … is expected",
            ]
        ),
        (
            "¦WITH x AS (SELECT 1) SELECT id, t FROM events",
            ["WITH is not supported; write its expressions in the one SELECT"]
        ),
        (
            "SELECT id, t, ¦row_number() ¦OVER () AS n FROM events",
            [
                "the function `row_number` is not available; the members of `events` and SQLite's functions of one record's values are",
                #"window functions span records; compute them upstream; a member of that name is written "over""#,
            ]
        ),
        (
            "SELECT id, t, ¦random() AS r FROM events",
            ["`random` gives another result when a record is replayed; use values of the record"]
        ),
        (
            "SELECT id, t, datetime(¦'now') AS n FROM events",
            ["'now': the clock gives other results when a record is replayed; use a time of the record"]
        ),
        (
            "SELECT id, t, ¦date() AS n FROM events",
            [
                "`date` without a time reads the clock, which gives other results when a record is replayed; use a time of the record"
            ]
        ),
        (
            "SELECT id, t, ¦strftime('%s') AS n FROM events",
            [
                "`strftime` without a time reads the clock, which gives other results when a record is replayed; use a time of the record"
            ]
        ),
        (
            "SELECT id, t, ¦CURRENT_TIMESTAMP AS n FROM events",
            ["the clock gives other results when a record is replayed; use a time of the record"]
        ),
        (
            "SELECT id, t, datetime(t, ¦'localtime') AS n FROM events",
            ["'localtime' depends on the machine's time zone; times are UTC"]
        ),
        (
            "SELECT id, t, ¦rowid AS r FROM events",
            ["`rowid` is the row's place in a batch, not a value of the record; name a member"]
        ),
        (
            "SELECT id, t, ¦load_extension('x') AS r FROM events",
            [
                "the function `load_extension` is not available; the members of `events` and SQLite's functions of one record's values are"
            ]
        ),
        (
            "SELECT id, t FROM events WHERE id = ¦?",
            ["the parameter `?` has no value here; name a member of the record or write a literal"]
        ),
        (
            "SELECT id, t FROM events; ¦DROP TABLE events",
            ["a second statement follows the first; one SELECT … FROM events … is expected"]
        ),
        (
            "¦PRAGMA journal_mode",
            ["the SQL begins with `PRAGMA`; one SELECT … FROM events … is expected"]
        ),
        (
            "¦ATTACH 'x' AS y",
            ["the SQL begins with `ATTACH`; one SELECT … FROM events … is expected"]
        ),
        (
            "¦EXPLAIN SELECT id, t FROM events",
            ["the SQL begins with `EXPLAIN`; one SELECT … FROM events … is expected"]
        ),
        (
            "¦DELETE FROM events",
            ["the SQL begins with `DELETE`; one SELECT … FROM events … is expected"]
        ),
        (
            "SELECT id, t FROM ¦sqlite_master",
            ["`sqlite_master` is no table here; `events`, json_each(…) and json_tree(…) are"]
        ),
        (
            "SELECT id, t FROM events, ¦sqlite_schema",
            ["`sqlite_schema` is no table here; `events`, json_each(…) and json_tree(…) are"]
        ),
        (
            "SELECT id, t FROM ¦pragma_database_list",
            ["`pragma_database_list` is no table here; `events`, json_each(…) and json_tree(…) are"]
        ),
        (
            "SELECT id, t FROM ¦main.events",
            ["`main` is no table here; `events`, json_each(…) and json_tree(…) are"]
        ),
        (
            "SELECT id, t FROM events a, ¦events b",
            ["`events` stands twice; it holds one record, so there is nothing to join it with"]
        ),
        (
            "SELECT id, t FROM ¦(SELECT id, t FROM ¦events)",
            [
                "a table in parentheses; FROM takes `events` and `json_each(…)` by name",
                "a subquery over `events` spans records; only subqueries over json_each(…) are allowed",
            ]
        ),
        (
            "SELECT id, t FROM events WHERE id IN (SELECT id FROM ¦events)",
            ["a subquery over `events` spans records; only subqueries over json_each(…) are allowed"]
        ),
        (
            "SELECT id, t, ¦lower(city) FROM events",
            ["the column `lower(city)` has no name that sinks can use; add `AS name` (letters, digits, `_`)"]
        ),
        (
            "SELECT id, t, ¦a AS _a FROM events",
            ["the column name `_a` begins with `_`, which sinks keep for themselves; add `AS name`"]
        ),
        (
            #"SELECT id, t, ¦a AS "my a" FROM events"#,
            ["the column `my a` has no name that sinks can use; add `AS name` (letters, digits, `_`)"]
        ),
        (
            "SELECT id, t, a AS b, ¦c AS B FROM events",
            ["two columns of the result are named `B`, apart from case; give one another name"]
        ),
        (
            "SELECT id, t, ¦zeroblob(1000000000) AS z FROM events",
            [
                "the function `zeroblob` is not available; the members of `events` and SQLite's functions of one record's values are"
            ]
        ),
        (
            "SELECT id, t, hex(¦randomblob(8)) AS z FROM events",
            ["`randomblob` gives another result when a record is replayed; use values of the record"]
        ),
        (
            "SELECT id, t, ¦loer(city) AS z FROM events",
            ["the function `loer` is not available; did you mean `lower`?"]
        ),
        (
            "SELECT id, t, ¦asb(n) AS z FROM events",
            ["the function `asb` is not available; did you mean `abs`?"]
        ),
        (
            "SELECT id, t, amount * 2 AS doubled FROM events WHERE ¦doubled > 5",
            [
                "`doubled` names a column of the result, and here a member of the record; repeat its expression, or write `events.doubled` if the member is meant"
            ]
        ),
        (
            "SELECT ¦id, t, j.id AS k FROM events, json_each(tags) j",
            ["`id` may be the record's or json_each's; write `events.id` or put the name of json_each before it"]
        ),
        (
            "SELECT rideId AS id, t, ¦rideid AS x FROM events",
            [
                "`rideid` and `rideId` differ in case only, which SQL does not tell apart and JSON does; write one of them"
            ]
        ),
        (
            "SELECT ident AS idd, t FROM events",
            ["`id` is not among the columns that the SQL selects; did you mean `idd`?"]
        ),
        (
            "SELECT id, tt FROM events",
            ["`t` is not among the columns that the SQL selects; did you mean `tt`?"]
        ),
        (
            "¦SELECT id, t FORM events",
            ["the SQL does not read `events`; one SELECT … FROM events … is expected"]
        ),
        (
            "SELECT id, t FROM events WHERE",
            ["SQLite: incomplete input; expected is SQL as SQLite reads it"]
        ),
        (
            "SELECT id t FROM events",
            ["`id` is not among the columns that the SQL selects; these are: t"]
        ),
        (
            "SELECT id, t, ¦'abc FROM events",
            ["`'` opens what is never closed; close it with another one"]
        ),
        (
            "SELECT id, t ¦/* FROM events",
            ["`/*` opens what is never closed; close it with `*/`"]
        ),
        (
            "SELECT id, t FROM events WHERE ¦(a = 1",
            ["`(` is never closed; close it with `)`"]
        ),
        (
            "SELECT id, t FROM events WHERE a = 1¦)",
            ["`)` closes nothing; leave it out, or open it with `(`"]
        ),
        (
            "SELECT id, t, ¦z.a FROM events",
            ["SQLite: no such column: z.a; expected is SQL as SQLite reads it"]
        ),
        (
            "SELECT e.id, t, j.value AS v FROM json_each('[1,2]') j CROSS JOIN events e",
            ["the SQL goes through json_each first and through `events` within; put `events` first in FROM"]
        ),
        (
            "SELECT id, t, (SELECT sum(e.a) FROM json_each(e.tags)) AS s FROM events e",
            ["an aggregate of the record's own values spans records; aggregate values of json_each"]
        ),
        (
            "SELECT id, t, (¦SELECT 1) AS s FROM events",
            ["the subquery reads no array; expected is json_each(…) or json_tree(…) of the record's own"]
        ),
        (
            "SELECT id, t, a ¦MATCH 'x' AS m, b REGEXP 'y' AS n FROM events",
            [
                "the SQL uses the function `match`, which is not available; the members of `events` and SQLite's functions of one record's values are"
            ]
        ),
        (
            "SELECT id, t, ¦json_patch(a, b) AS p FROM events",
            [
                "the function `json_patch` is not available; the members of `events` and SQLite's functions of one record's values are"
            ]
        ),
        (
            "SELECT id, t FROM events WHERE ¦RAISE(ABORT, 'x')",
            [
                "the function `RAISE` is not available; the members of `events` and SQLite's functions of one record's values are"
            ]
        ),
        (
            "SELECT id, t, (SELECT e.a FROM json_each('[1]') AS j, ¦(¦SELECT 1)) AS x FROM events e",
            [
                "a table in parentheses; FROM takes `events` and `json_each(…)` by name",
                "the subquery reads no array; expected is json_each(…) or json_tree(…) of the record's own",
            ]
        ),
        (
            "SELECT ¦id, t FROM events ¦NATURAL JOIN json_each(tags)",
            [
                "`id` may be the record's or json_each's; write `events.id` or put the name of json_each before it",
                "NATURAL JOIN is not supported; `json_each(…)` joins by its argument",
            ]
        ),
        (
            "SELECT ¦id, t FROM events ¦RIGHT JOIN json_each('[1]')",
            [
                "`id` may be the record's or json_each's; write `events.id` or put the name of json_each before it",
                "RIGHT JOIN gives rows without a record; use JOIN or LEFT JOIN",
            ]
        ),
        (
            "SELECT id, t FROM events INDEXED BY x",
            ["SQLite: no such index: x; expected is SQL as SQLite reads it"]
        ),
        (
            "SELECT id, t, (¦WITH RECURSIVE ¦c(x) AS (¦SELECT 1 ¦UNION ALL ¦SELECT x+1 FROM ¦c) ¦SELECT ¦count(*) FROM c) AS n FROM events",
            [
                "WITH is not supported; write its expressions in the one SELECT",
                "the function `c` is not available; the members of `events` and SQLite's functions of one record's values are",
                "the subquery reads no array; expected is json_each(…) or json_tree(…) of the record's own",
                "compound selects are not supported; one SELECT … FROM events … is expected",
                "a second SELECT; one SELECT … FROM events … is expected",
                "`c` is no table here; `events`, json_each(…) and json_tree(…) are",
                "a second SELECT; one SELECT … FROM events … is expected",
                "the aggregate `count` spans records; compute it upstream, or in a subquery over json_each(…)",
            ]
        ),
        (
            #"SELECT id, t, ¦"random"() AS b FROM events"#,
            ["`random` gives another result when a record is replayed; use values of the record"]
        ),
        (
            "¦VALUES (1)",
            ["VALUES is no record; one SELECT … FROM events … is expected"]
        ),
        (
            "SELECT id, t, ¦fts5(a) AS x FROM events",
            [
                "the function `fts5` is not available; the members of `events` and SQLite's functions of one record's values are"
            ]
        ),
        (
            "SELECT id, t, (¦SELECT group_concat(value) FROM ¦(SELECT value FROM json_each(tags) ¦ORDER BY value)) AS x FROM events",
            [
                "the subquery reads no array; expected is json_each(…) or json_tree(…) of the record's own",
                "a table in parentheses; FROM takes `events` and `json_each(…)` by name",
                "ORDER BY spans records; rows of one record keep the order in which they arise",
            ]
        ),
        (
            "SELECT t AS id, t FROM events WHERE t > strftime('%s', ¦'now')",
            ["'now': the clock gives other results when a record is replayed; use a time of the record"]
        ),
        (
            "SELECT id, t, e.¦* FROM events e",
            ["`*` depends on the record; name the columns"]
        ),
        (
            "SELECT id, t, ¦count(¦DISTINCT a) AS n FROM events",
            [
                "the aggregate `count` spans records; compute it upstream, or in a subquery over json_each(…)",
                "DISTINCT spans records; equal rows of one entity are merged by their version",
            ]
        ),
        (
            "SELECT ¦id, t, ¦total(a) AS n FROM events, json_each(tags)",
            [
                "`id` may be the record's or json_each's; write `events.id` or put the name of json_each before it",
                "the aggregate `total` spans records; compute it upstream, or in a subquery over json_each(…)",
            ]
        ),
        (
            "SELECT id, t, (SELECT total(value) ¦OVER () FROM json_each(tags)) AS n FROM events",
            [#"window functions span records; compute them upstream; a member of that name is written "over""#]
        ),
        (
            "SELECT id, t, ¦offset FROM events",
            [#"OFFSET spans records; filter with WHERE; a member of that name is written "offset""#]
        ),
        (
            "select id, t from events where a = ¦:name",
            ["the parameter `:name` has no value here; name a member of the record or write a literal"]
        ),
        (
            "SELECT id, t FROM events /* hidden */ ; /* more */ ¦SELECT 1",
            ["a second statement follows the first; one SELECT … FROM events … is expected"]
        ),
        (
            "SELECT id, t, ¦right(a, 2) AS r FROM events",
            ["there is no function `right`; use `substr(…, -n)`"]
        ),
        (
            "SELECT id, t, ¦json_each(a) AS r FROM events",
            ["`json_each` gives rows, not a value; it belongs behind FROM or JOIN"]
        ),
        (
            "SELECT id, t, ¦sqlite_version() AS v, ¦last_insert_rowid() AS r FROM events",
            [
                "the function `sqlite_version` is not available; the members of `events` and SQLite's functions of one record's values are",
                "the function `last_insert_rowid` is not available; the members of `events` and SQLite's functions of one record's values are",
            ]
        ),
        (
            "SELECT id, t, ¦TOTAL_CHANGES() AS v FROM events",
            [
                "the function `TOTAL_CHANGES` is not available; the members of `events` and SQLite's functions of one record's values are"
            ]
        ),
        (
            #"SELECT id, t, e.¦rowid AS r, ¦"_rowid_" AS s FROM events e"#,
            [
                "`rowid` is the row's place in a batch, not a value of the record; name a member",
                "`_rowid_` is the row's place in a batch, not a value of the record; name a member",
            ]
        ),
        (
            "SELECT id, t FROM events WHERE t > datetime(¦'NOW', '-1 day')",
            ["'now': the clock gives other results when a record is replayed; use a time of the record"]
        ),
        (
            "SELECT id, t, ¦readfile('/etc/passwd') AS f, ¦writefile('/tmp/x', a) AS g FROM events",
            [
                "the function `readfile` is not available; the members of `events` and SQLite's functions of one record's values are",
                "the function `writefile` is not available; the members of `events` and SQLite's functions of one record's values are",
            ]
        ),
        (
            "SELECT id, t, (SELECT value FROM json_each(events.tags) ¦LIMIT 1) AS f FROM events",
            ["LIMIT spans records; filter with WHERE"]
        ),
        (
            "¦SELECT ¦id, t FROM json_each('[1]')",
            [
                "the SQL does not read `events`; one SELECT … FROM events … is expected",
                "`id` may be the record's or json_each's; write `events.id` or put the name of json_each before it",
            ]
        ),
        (
            "SELECT id, t FROM events JOIN ¦other ON other.id = events.id",
            ["`other` is no table here; `events`, json_each(…) and json_tree(…) are"]
        ),
        (
            "SELECT events.id, t FROM events JOIN json_each(tags) ¦USING (¦id)",
            [
                "USING is not supported; `json_each(…)` joins by its argument",
                "`id` may be the record's or json_each's; write `events.id` or put the name of json_each before it",
            ]
        ),
        (
            "SELECT id, t FROM events ¦GROUP BY id ¦HAVING ¦count(*) > 1",
            [
                "GROUP BY spans records; group upstream, or aggregate in a subquery over json_each",
                "HAVING spans records; filter with WHERE",
                "the aggregate `count` spans records; compute it upstream, or in a subquery over json_each(…)",
            ]
        ),
        (
            "SELECT id, t, ¦a AS aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345 FROM events",
            [
                "the column name `aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345` has 65 characters; at most 64 are allowed"
            ]
        ),
        (
            #"SELECT id, t, ¦a AS "1st" FROM events"#,
            ["the column `1st` has no name that sinks can use; add `AS name`"]
        ),
        (
            "SELECT t FROM events",
            ["`id` is not among the columns that the SQL selects; these are: t"]
        ),
        (
            "SELECT id, t, ¦{a} AS b FROM events",
            ["`{` means nothing in SQL; leave it out, or quote the text or name that it is of"]
        ),
        (
            "SELECT id, t, ¦soundex(a) AS b, ¦unlikely(c) AS d FROM events",
            [
                "the function `soundex` is not available; the members of `events` and SQLite's functions of one record's values are",
                "the function `unlikely` is not available; the members of `events` and SQLite's functions of one record's values are",
            ]
        ),
        (
            "¦INSERT INTO events VALUES (1)",
            ["the SQL begins with `INSERT`; one SELECT … FROM events … is expected"]
        ),
        (
            "SELECT id, t ¦INTO other FROM events",
            [#"SQLite: near "INTO": syntax error; expected is SQL as SQLite reads it"#]
        ),
        (
            "SELECT id, t, a COLLATE nosuch AS b FROM events ¦ORDER BY 1",
            ["ORDER BY spans records; rows of one record keep the order in which they arise"]
        ),
        (
            "SELECT id, t FROM events WHERE a GLOB",
            ["SQLite: incomplete input; expected is SQL as SQLite reads it"]
        ),
    ]
}
