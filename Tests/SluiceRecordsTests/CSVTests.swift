import SluiceCore
import SluiceRecords
import Testing

@Suite struct CSVTests {
    private static let format = RecordFormat.csv(header: ["a", "b", "c"])

    @Test(arguments: [
        ("1,2,3", [Value.text("1"), .text("3")]), ("x,,z", [.text("x"), .text("z")]), (",,", [.null, .null]),
        ("x,y,z\r", [.text("x"), .text("z")]), (#""x","y","z""#, [.text("x"), .text("z")]),
        (#""x,1",y,"say ""hi""""#, [.text("x,1"), .text(#"say "hi""#)]), (#""","",z"#, [.null, .text("z")]),
        (
            """
            \u{22}\u{22}\u{22}\u{22},y, z 
            """, [.text("\""), .text(" z ")]
        ),
        ("é,y,😀", [.text("é"), .text("😀")]), ("true,null,1e5", [.text("true"), .text("1e5")]),
    ])
    func `fields are text, and empty ones NULL`(line: String, values: [Value]) {
        #expect(RecordDecoder(columns: ["a", "c"]).reading(line, format: Self.format) == .data(values))
    }

    @Test(arguments: [
        ("1,2", "it has 2 fields; the header has 3"), ("1,2,3,4", "it has 4 fields; the header has 3"),
        ("", "it has 1 fields; the header has 3"),
        (#"a,5" disk,c"#, "a quote stands in a field that does not begin with one"),
        (#""a"x,b,c"#, "text follows the closing quote of a field"),
        (#"a,b,"c"#, "a quoted field does not end on its line; a record is one line"),
    ])
    func `a line that does not fit is refused`(line: String, detail: String) {
        #expect(RecordDecoder(columns: ["a"]).reading(line, format: Self.format) == .refused(.unreadable, detail))
    }

    @Test func `invalid UTF-8 is refused, also in a field that nobody reads`() {
        #expect(
            RecordDecoder(columns: ["a"]).readings([Array("x,".utf8) + [0xff] + Array(",z".utf8)], format: Self.format)
                == [.refused(.unreadable, "it is not UTF-8")])
    }

    @Test func `a header that names a wanted column twice makes its lines unreadable`() {
        let format = RecordFormat.csv(header: ["a", "b", "a"])
        #expect(
            RecordDecoder(columns: ["a"]).reading("1,2,3", format: format)
                == .refused(.unreadable, "the header names the column `a` twice"))
        #expect(RecordDecoder(columns: ["b"]).reading("1,2,3", format: format) == .data([.text("2")]))
    }

    @Test func `a column that the header lacks is NULL`() {
        #expect(
            RecordDecoder(columns: ["a", "x"]).reading("1,2,3", format: Self.format) == .data([.text("1"), .null]))
    }

    @Test func `one decoder reads batches under different headers`() {
        let decoder = RecordDecoder(columns: ["a"])
        #expect(decoder.reading("1,2,3", format: Self.format) == .data([.text("1")]))
        #expect(decoder.reading("2,1", format: .csv(header: ["b", "a"])) == .data([.text("1")]))
        #expect(decoder.reading(#"{"a":1}"#) == .data([.integer(1)]))
    }
}
