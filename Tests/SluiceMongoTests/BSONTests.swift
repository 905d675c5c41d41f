import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceMongo

struct BSONTests {
    @Test func `a document reads back as it was written`() {
        let written = document { writer in
            writer.append("text", "é\u{0}$")
            writer.append("least", Int64.min)
            writer.append("real", -0.0)
            writer.append("yes", true)
            writer.append("time", millisecondsSinceEpoch: -1)
            writer.begin("inner")
            writer.begin("list", isArray: true)
            writer.append("0", "a")
            writer.end()
            writer.end()
            writer.append("last", "")
        }
        let read = BSONDocument(bytes: written.bytes[...])
        #expect(read.fields.map(\.name) == ["text", "least", "real", "yes", "time", "inner", "last"])
        #expect(read["text"] == .text(Array("é\u{0}$".utf8)))
        #expect(read.integer("least") == .min)
        #expect(read["real"] == .double(-0.0))
        #expect(read["yes"] == .bool(true))
        #expect(read["time"] == .milliseconds(-1))
        guard case .document(let inner)? = read["inner"], case .array(let list)? = inner["list"] else {
            Issue.record("the inner document is \(String(describing: read["inner"]))")
            return
        }
        #expect(list["0"] == .text([UInt8(ascii: "a")]))
        #expect(read["last"] == .text([]))
    }

    @Test func `bytes are as the specification gives them`() {
        // From bsonspec.org: {"hello": "world"}.
        let expected: [UInt8] =
            [0x16, 0, 0, 0, 2] + Array("hello".utf8) + [0, 6, 0, 0, 0] + Array("world".utf8) + [0, 0]
        #expect(document { $0.append("hello", "world") }.bytes == expected)
    }

    @Test func `a damaged document ends where the damage begins`() {
        let whole = document { writer in
            writer.append("a", Int64(1))
            writer.append("b", "text")
        }
        for length in 0..<whole.bytes.count {
            let fields = BSONDocument(bytes: whole.bytes.prefix(length)).fields
            #expect(fields.count <= 2)
            #expect(fields.allSatisfy { $0.name == "a" || $0.name == "b" })
        }
    }

    @Test(arguments: [
        (Int64(121), MongoServerError.Meaning.data), (10_334, .data), (17_419, .data), (17_420, .data), (16_755, .data),
        (11_000, .duplicateKey), (10_107, .passing), (11_600, .passing), (91, .passing), (14_031, .passing),
        (13, .configuration), (85, .configuration), (4711, .configuration), (13_297, .configuration),
    ])
    func `an error's code says who can mend it`(_ code: Int64, _ meaning: MongoServerError.Meaning) {
        #expect(MongoServerError(code: code, message: "").meaning == meaning)
    }

    @Test func `what a server repeats of a command is not passed on`() {
        let error = MongoServerError(code: 13, message: "not authorized to execute command { update: \"private\" }")
        #expect(error.message == "not authorized to execute command ")
    }

    @Test func `a batch has a round more for each further row of an entity`() {
        let (one, other) = (
            TestRows(FeatureVersion("f", 1), columns: []), TestRows(FeatureVersion("f", 2), columns: [])
        )
        let batch =
            one(
                TestRow("a", at: 1), TestRow("b", at: 1, lane: .bootstrap), TestRow("a", at: 2), TestRow("a", at: 1))
            + other(TestRow("a", at: 1), TestRow("c", at: 1)) + one(TestRow("c", at: 1))
        let rounds = Array(MongoRounds(batch, selected: [0, 1, 2, 3, 4, 6]))
        #expect(rounds.map { $0.map(\.rows) } == [[[0, 6], [1], [4]], [[2]], [[3]]])
        #expect(rounds[0].map(\.collection) == ["f_v1", "f_v1", "f_v2"])
        #expect(rounds[0].map(\.lane) == [.realtime, .bootstrap, .realtime])
    }
}
