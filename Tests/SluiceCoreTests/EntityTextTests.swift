import SluiceCore
import Testing

@Suite struct EntityTextTests {
    @Test(arguments: [
        (["a", "b"], "a|b"), (["a|b"], "a%7Cb"), (["100%"], "100%25"), (["{x}"], "%7Bx%7D"), (["a\nb"], "a%0Ab"),
        (["São Paulo", "地"], "São Paulo|地"), ([""], ""), (["", ""], "|"), (["\u{7f}"], "%7F"),
    ])
    func `columns are joined and what would confuse is encoded`(columns: [String], text: String) {
        #expect(EntityText.text(columns) == text)
    }

    @Test func `no two entities share a text`() {
        let parts = ["", "a", "|", "%", "%7C", "{", "a|", "|a", "%25"]
        var seen: [String: [String]] = [:]
        for one in parts {
            for other in parts {
                let text = EntityText.text([one, other])
                #expect(seen[text] == nil, "\([one, other]) and \(seen[text] ?? [])")
                seen[text] = [one, other]
            }
        }
    }

    @Test func `integers are decimal`() {
        var bytes: [UInt8] = []
        EntityText.append(Int64.min, isFirst: true, to: &bytes)
        EntityText.append(7, isFirst: false, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "-9223372036854775808|7")
    }
}
