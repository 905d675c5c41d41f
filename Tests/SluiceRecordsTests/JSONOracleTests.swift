import Foundation
import SluiceCore
import SluiceRecords
import Testing

/// Random JSON, sound and damaged, against Foundation's reading of it.
@Suite struct JSONOracleTests {
    @Test func `random objects are read as they were written`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let names = (0..<12).map { "m\($0)" } + ["é", "a\"b", "x\\y", ""]
        for _ in 0..<200 {
            let wanted = Array(names.shuffled(using: &random).prefix(Int.random(in: 0...names.count, using: &random)))
            let decoder = RecordDecoder(columns: wanted)
            var writer = JSONWriter(random: random)
            let objects = (0..<20).map { _ in writer.object(of: names) }
            random = writer.random
            let expected = objects.map { object in wanted.map { object.values[$0] ?? .null } }
            let readings = decoder.readings(objects.map(\.json))
            #expect(readings == expected.map(Reading.data), "seed \(seed)")
            for object in objects {
                let foundation = try JSONSerialization.jsonObject(with: Data(object.json.utf8)) as? [String: Any]
                #expect(foundation?.count == object.values.count, "seed \(seed): \(object.json)")
            }
        }
    }

    @Test func `what Foundation cannot read is never taken, and what it reads is refused for a reason`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let decoder = RecordDecoder(columns: ["m1", "m3"])
        let odd: [UInt8] = Array(#"{}[]",:\/0e+-.tfn u"#.utf8) + [0, 9, 0x1f, 0x7f, 0xc3, 0xff]
        for _ in 0..<20_000 {
            var writer = JSONWriter(random: random)
            var bytes = Array(writer.object(of: ["m1", "m2", "m3", "m4"]).json.utf8)
            random = writer.random
            for _ in 0..<Int.random(in: 1...2, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(odd.randomElement(using: &random)!, at: place)
                default: bytes[place] = odd.randomElement(using: &random)!
                }
            }
            let isSound = (try? JSONSerialization.jsonObject(with: Data(bytes))) is [String: Any]
            let text = String(decoding: bytes, as: UTF8.self)
            switch decoder.readings([bytes])[0] {
            case .data:
                // Foundation takes a number that a double cannot hold for a fault.
                #expect(isSound || text.contains(/[eE]\+?[0-9]{3}/), "seed \(seed): taken: \(text)")
            case .control: Issue.record("seed \(seed): control: \(text)")
            case .refused(.unreadable, "it is not valid JSON"), .refused(.unreadable, "it is not UTF-8"):
                // And it forgives a comma behind the last element.
                #expect(!isSound || text.contains(/,\s*[}\]]/), "seed \(seed): refused: \(text)")
            case .refused: break
            }
        }
    }
}

/// Writes random JSON and knows what it wrote.
private struct JSONWriter {
    var random: SeededGenerator

    mutating func object(of names: [String]) -> (json: String, values: [String: Value]) {
        var values: [String: Value] = [:]
        var members: [String] = []
        for name in names.shuffled(using: &random) where Bool.random(using: &random) {
            let (json, value) = self.value(depth: 0)
            values[name] = value
            members.append(blank() + string(name) + blank() + ":" + blank() + json + blank())
        }
        return ("{" + members.joined(separator: ",") + "}", values)
    }

    private mutating func value(depth: Int) -> (String, Value) {
        switch Int.random(in: 0..<(depth > 3 ? 6 : 8), using: &random) {
        case 0: return ("null", .null)
        case 1: return Bool.random(using: &random) ? ("true", .integer(1)) : ("false", .integer(0))
        case 2:
            let bits = Int64.random(in: .min ... .max, using: &random)
            let number = bits >> Int64.random(in: 0..<64, using: &random)
            return (String(number), .integer(number))
        case 3:
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { return ("0.5", .real(0.5)) }
            return ("\(number)", .real(number))
        case 4, 5:
            let text = self.text()
            return (string(text), .text(text))
        case 6:
            let json =
                "["
                + (0..<Int.random(in: 0..<4, using: &random)).map { _ in blank() + value(depth: depth + 1).0 }
                .joined(separator: ",") + "]"
            return (json, .text(json))
        default:
            let json =
                "{"
                + (0..<Int.random(in: 0..<4, using: &random)).map {
                    string("k\($0)") + ":" + value(depth: depth + 1).0 + blank()
                }.joined(separator: ",") + "}"
            return (json, .text(json))
        }
    }

    private mutating func text() -> String {
        let pieces = [
            "a", "z", " ", "\"", "\\", "/", "\n", "\t", "\u{0}", "\u{1f}", "é", "€", "😀", "\u{2028}", "{", ",", ":",
            "\u{7f}",
        ]
        return (0..<Int.random(in: 0..<12, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
    }

    /// With a random choice between a character and its escape, where there is a choice.
    private mutating func string(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": json += "\\" + String(scalar)
            case "\n" where Bool.random(using: &random): json += "\\n"
            case _ where scalar.value < 0x20 || Int.random(in: 0..<4, using: &random) == 0:
                for unit in String(scalar).utf16 { json += "\\u" + hex(unit) }
            default: json += String(scalar)
            }
        }
        return json + "\""
    }

    private func hex(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    private mutating func blank() -> String { ["", "", "", " ", "\t", "  "].randomElement(using: &random)! }
}
