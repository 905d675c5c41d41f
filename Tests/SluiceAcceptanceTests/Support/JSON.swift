import Foundation
import Testing

/// A JSON value that a command printed; asking it for what it is not is a failure of the test.
struct JSON {
    private let value: Any

    init(_ text: String) throws {
        value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    private init(value: Any) { self.value = value }

    subscript(name: String) -> JSON {
        get throws {
            let object = try #require(value as? [String: Any], "\(value) is an object with \(name)")
            return JSON(value: try #require(object[name], "\(object) has \(name)"))
        }
    }

    var text: String { get throws { try #require(value as? String) } }
    var integer: Int { get throws { try #require(value as? Int) } }
    /// A text, or an integer as text: what a column holds, in whichever sink.
    var plain: String { get throws { try (value as? Int).map(String.init) ?? text } }
    var bool: Bool { get throws { try #require(value as? Bool) } }
    var array: [JSON] { get throws { try #require(value as? [Any]).map(JSON.init(value:)) } }

    /// The names of an object's members, sorted.
    var names: [String] { get throws { try #require(value as? [String: Any]).keys.sorted() } }
}

extension Ended {
    /// The one JSON value on standard output.
    var json: JSON { get throws { try JSON(output) } }

    /// Standard output as one JSON value per line.
    var jsonLines: [JSON] { get throws { try output.split(separator: "\n").map { try JSON(String($0)) } } }
}

extension JSON {
    /// One counter of what `run --drain --json` printed, summed over the lines of a feature, or of a sink of it.
    func counter(_ name: String, of feature: String, in sink: String? = nil) throws -> Int {
        try self["rows"].array.reduce(0) { sum, line in
            let isMeant = try line["feature"].text == feature && (sink == nil || line["sink"].text == sink)
            return isMeant ? sum + (try line[name].integer) : sum
        }
    }
}
