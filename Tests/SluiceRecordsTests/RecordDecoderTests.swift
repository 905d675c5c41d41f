import SluiceCore
import SluiceRecords
import Testing

/// JSON objects to values, and what is no record.
@Suite struct RecordDecoderTests {
    @Test(arguments: [
        ("1", Value.integer(1)), ("-0", .integer(0)), ("0", .integer(0)),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("1.0", .real(1)), ("-0.0", .real(-0.0)), ("1e3", .real(1000)), ("1E-2", .real(0.01)),
        ("0.1", .real(0.1)), ("5e-324", .real(.leastNonzeroMagnitude)),
        ("1.7976931348623157e308", .real(.greatestFiniteMagnitude)),
        ("9007199254740993", .integer(9_007_199_254_740_993)),
        ("12345678901234567890.5", .real(12345678901234567890.5)),
        ("true", .integer(1)), ("false", .integer(0)), ("null", .null),
        (#""""#, .text("")), (#""a b""#, .text("a b")), (#""\"\\\/\b\f\n\r\t""#, .text("\"\\/\u{8}\u{c}\n\r\t")),
        (#""é\u00e9€\u20ac""#, .text("éé€€")), (#""😀\ud83d\ude00""#, .text("😀😀")), (#""a\u0000b""#, .text("a\0b")),
        ("[]", .text("[]")), ("{}", .text("{}")),
        (#"[ 1, "\u0041" , {"x" : null} ]  "#, .text(#"[ 1, "\u0041" , {"x" : null} ]"#)),
        (#"{"b":[1,2]}"#, .text(#"{"b":[1,2]}"#)),
    ])
    func `a member has the value that its JSON states`(json: String, value: Value) {
        let decoder = RecordDecoder(columns: ["before", "a", "after"])
        #expect(
            decoder.reading(#"{"before":7,"a":\#(json),"after":"z"}"#)
                == .data([.integer(7), value, .text("z")]))
        #expect(decoder.reading(" { \"a\" : \(json) } \r") == .data([.null, value, .null]))
    }

    @Test func `an absent member is NULL, also after a record that has it`() {
        let decoder = RecordDecoder(columns: ["a", "b"])
        #expect(
            decoder.readings([#"{"a":1,"b":2}"#, #"{"b":3}"#, "{}", #"{"A":4}"#]) == [
                .data([.integer(1), .integer(2)]), .data([.null, .integer(3)]), .data([.null, .null]),
                .data([.null, .null]),
            ])
    }

    @Test func `members are found by their unescaped names, in any order`() {
        let decoder = RecordDecoder(columns: ["a", "é", "two words"])
        #expect(
            decoder.readings([#"{"\u0061":1,"é":2,"two words":3}"#, #"{"two words":3,"\u00e9":2,"x":0,"a":1}"#])
                == [[Value.integer(1), .integer(2), .integer(3)], [.integer(1), .integer(2), .integer(3)]]
                .map(Reading.data))
    }

    @Test(arguments: [
        "", " ", "{", "}", "{}}", "{} {}", "{}x", #"{"a":1,}"#, #"{"a":1"b":2}"#, #"{"a" 1}"#, #"{"a":}"#, #"{a:1}"#,
        #"{'a':1}"#, #"{"a":1]"#, #"{"a":[1}"#, #"{"a":tru}"#, #"{"a":truex}"#, #"{"a":nul}"#, #"{"a":NaN}"#,
        #"{"a":Infinity}"#, #"{"a":-Infinity}"#, #"{"a":01}"#, #"{"a":+1}"#, #"{"a":.5}"#, #"{"a":1.}"#, #"{"a":1e}"#,
        #"{"a":-}"#, #"{"a":0x10}"#, #"{"a":1 2}"#, #"{"a":"x}"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#,
        #"{"a":"\ud800"}"#, #"{"a":"x"y}"#, #"{"a":[1,]}"#, #"{"a":"x":1}"#, #"{"a":["x":1]}"#, #"{"a":{"x":"y":1}}"#,
        #"{"a":1:2}"#, #"{"a":[,1]}"#, #"{"a":{"b"}}"#, #"{"a":{"b":1,}}"#,
        #"{"a":[tru]}"#, #"{"a":[01]}"#, #"{"a":{"\x":1}}"#, #"{"\x":1}"#, "{\"a\":\"tab\there\"}",
        #"{"a":1//x"# + "\n}",
    ])
    func `broken JSON is refused whether or not the member is wanted`(json: String) {
        for columns in [["a"], ["b"], []] {
            guard case .refused(.unreadable, _) = RecordDecoder(columns: columns).reading(json) else {
                Issue.record("taken with the columns \(columns)")
                continue
            }
        }
    }

    @Test(arguments: [
        ("[1]", RefusalReason.unreadable, "it is not a JSON object"),
        ("1", .unreadable, "it is not a JSON object"),
        (#"{"a":1,"a":1}"#, .unreadable, "the member `a` stands twice"),
        (#"{"a":1,"\u0061":2}"#, .unreadable, "the member `a` stands twice"),
        (#"{"a":9223372036854775808}"#, .badValue, "the integer in `a` does not fit 64 bits"),
        (#"{"a":-9223372036854775809}"#, .badValue, "the integer in `a` does not fit 64 bits"),
        (#"{"a":123456789012345678901234567890}"#, .badValue, "the integer in `a` does not fit 64 bits"),
        (#"{"a":1e309}"#, .badValue, "the number in `a` is beyond what a double holds"),
        (#"{"a":9223372036854775808,"b":tru}"#, .unreadable, "it is not valid JSON"),
    ])
    func `a refusal says what is wrong`(json: String, reason: RefusalReason, detail: String) {
        #expect(RecordDecoder(columns: ["a"]).reading(json) == .refused(reason, detail))
    }

    @Test func `what is wrong with an unwanted member's value or repetition does no harm`() {
        let decoder = RecordDecoder(columns: ["a"])
        #expect(
            decoder.reading(#"{"x":123456789012345678901234567890,"a":1,"y":1e999,"z":1,"z":2}"#)
                == .data([.integer(1)]))
    }

    @Test func `invalid UTF-8 is refused, wherever it stands`() {
        for bytes: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf4, 0x90, 0x80, 0x80]] {
            for text in [
                Array(#"{"x":""#.utf8) + bytes + Array(#""}"#.utf8), Array("{\"".utf8) + bytes + Array("\":1}".utf8),
            ] {
                #expect(
                    RecordDecoder(columns: ["a"]).readings([text]) == [.refused(.unreadable, "it is not UTF-8")])
            }
        }
    }

    @Test func `a bad record leaves the others of its batch as they are`() {
        let bad = ["{", #"{"a":"\ud800"}"#, #"{"a":9223372036854775808}"#, "\u{feff}", #"{"a":1}}"#, "]", "\""]
        let decoder = RecordDecoder(columns: ["a"])
        let readings = decoder.readings(bad.flatMap { [#"{"a":"x\ty"}"#, $0] } + [#"{"a":"x\ty"}"#])
        for (index, reading) in readings.enumerated() {
            if index.isMultiple(of: 2) {
                #expect(reading == .data([.text("x\ty")]))
            } else if case .refused = reading {
            } else {
                Issue.record("\(bad[index / 2]) was taken")
            }
        }
    }

    @Test func `64 levels of nesting are read and 65 are not`() {
        for columns in [["a"], []] {
            let decoder = RecordDecoder(columns: columns)
            func nested(_ levels: Int) -> String {
                #"{"a":"# + String(repeating: "[", count: levels - 1) + String(repeating: "]", count: levels - 1) + "}"
            }
            guard case .data = decoder.reading(nested(64)) else {
                Issue.record("64 levels were refused")
                continue
            }
            #expect(
                decoder.reading(nested(65))
                    == .refused(.tooLarge, "objects and arrays are nested deeper than 64 levels"))
            #expect(decoder.reading(nested(100_000)) != decoder.reading(nested(64)))
        }
    }

    @Test func `1 MiB is read and a byte more is not`() {
        let decoder = RecordDecoder(columns: ["a"])
        let frame = #"{"a":""}"#.utf8.count
        let text = String(repeating: "x", count: RecordLimits.bytes - frame)
        #expect(decoder.reading(#"{"a":"\#(text)"}"#) == .data([.text(text)]))
        #expect(
            decoder.reading(#"{"a":"\#(text)x"}"#)
                == .refused(.tooLarge, "it has 1048577 bytes; a record has at most 1048576"))
    }

    @Test func `a mark of byte order before a record is no part of it`() {
        #expect(RecordDecoder(columns: ["a"]).reading("\u{feff}{\"a\":1}") == .data([.integer(1)]))
    }

    @Test func `escaped text of a whole batch stays readable until the next`() {
        let decoder = RecordDecoder(columns: ["a"])
        for _ in 0..<3 {
            let texts = (0..<500).map { String(repeating: "é\n\($0)", count: 1 + $0 % 40) }
            let records = texts.map { #"{"a":"\#($0.replacing("\n", with: "\\n").replacing("é", with: "\\u00e9"))"}"# }
            #expect(decoder.readings(records) == texts.map { .data([.text($0)]) })
        }
    }
}
