import SluiceConfig
import SluiceCore
import Testing

/// Places inside the SQL and of keys, which later checks point at.
@Suite struct PlacesTests {
    /// Each text holds the word `bad` once.
    @Test(arguments: [
        "sql: |\n  SELECT rider_id,\n    at, bad\n  FROM events",
        "sql: |2-  # a comment\n    SELECT rider_id, bad\n\n  FROM events",
        "sql: |\n\n\n  SELECT rider_id, at\n\n  FROM bad",
        "sql: >\n  SELECT rider_id,\n  at, bad\n\n  FROM events",
        "sql: SELECT rider_id, bad FROM events",
        "sql:\n  SELECT rider_id,\n  at,\n     bad FROM events",
        "sql: 'SELECT ''a'', ''b'' AS c, bad FROM events'",
        "sql: 'SELECT rider_id,\n\n    ''x'', bad FROM events'",
        #"sql: "SELECT \"a\", 'größe', bad FROM events""#,
        #"sql: "SELECT\t'\u00e9\u00e9\x41\U0001F600\\', bad FROM events""#,
        "sql: \"SELECT rider_id, \\\n    at, \\x20 bad\n   FROM events\"",
        "sql: |\r\n  SELECT 'é',\r\n    bad\r\n  FROM events",
    ]) func `an offset in the SQL has its place in the file, in every style of YAML`(_ text: String) throws {
        let file = TemporaryConfiguration.feature(sql: text)
        let lines = file.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        let line = try #require(lines.firstIndex { $0.contains("bad") })
        let column = try #require(lines[line].firstRange(of: "bad")).lowerBound
        let configuration = try TemporaryConfiguration([
            "config/features/rides.yaml": file, "sinks/online.yaml": TemporaryConfiguration.sink,
        ])
        let feature = try #require(configuration.load().features.first)
        let sql = feature.definition.sql
        let offset = sql[..<(try #require(sql.firstRange(of: "bad")).lowerBound)].utf8.count
        let place = feature.place(ofSQLOffset: offset)
        #expect((place.line, place.column) == (line + 1, lines[line][..<column].unicodeScalars.count + 1))
    }

    @Test func `offsets outside the SQL have a place at its ends`() throws {
        let configuration = try TemporaryConfiguration([
            "config/features/rides.yaml": TemporaryConfiguration.feature(sql: "sql: |\n  SELECT a\n  FROM events\n\n"),
            "sinks/online.yaml": TemporaryConfiguration.sink,
        ])
        let feature = try #require(configuration.load().features.first)
        #expect(feature.place(ofSQLOffset: 1000).description.hasSuffix("rides.yaml:10:14"))
        #expect(feature.place(ofSQLOffset: feature.definition.sql.utf8.count).line == 10)
        #expect(feature.place(ofSQLOffset: 0).line == 9)
        #expect(feature.place(ofSQLOffset: -1).line == 9)
    }

    @Test func `keys and items of lists have places`() throws {
        let feature = try #require(
            Golden.load("valid-every-key").features.first { $0.definition.featureVersion.version > 1 })
        func place(_ key: String, _ item: Int? = nil) -> String {
            let place = feature.place(of: key, item: item)
            return "\(place.line):\(place.column)"
        }
        #expect(place("entity") == "4:9")
        #expect(place("entity", 1) == "4:20")
        #expect(place("entity", 2) == "4:9")
        #expect(place("sinks", 1) == "15:5")
        #expect(place("nothing") == "1:1")
    }
}
