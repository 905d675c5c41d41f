/// What a field is, for people and for tools: the reference, the JSON schema and "did you mean" derive from it.
public struct FieldDescription: Sendable, Hashable {
    public enum Presence: Sendable, Hashable {
        case required
        /// It may be left out, and then there is none.
        case optional
        /// It may be left out, and then this YAML stands for it.
        case defaults(to: String)
        /// A mapping that may be left out, and then the defaults of its own fields hold.
        case section
    }

    public let name: String
    public let type: TypeDescription
    public let presence: Presence
    /// One sentence.
    public let summary: String
    /// The kinds of the mapping that have this field; empty = all of them.
    public internal(set) var kinds: [String] = []
}

/// What may stand as a value.
public indirect enum TypeDescription: Sendable, Hashable {
    /// A text of a form that the phrase names: "rows per second, such as 20000/s".
    case scalar(String)
    case choice([String])
    /// `orOne`: a single item may stand for a list of it.
    case list(TypeDescription, orOne: Bool)
    case mapping(FormDescription)
    case either(TypeDescription, TypeDescription)

    /// As a message puts it after "expected".
    public var phrase: String {
        switch self {
        case .scalar(let phrase): phrase
        case .choice(let names): alternatives(names)
        case .list(let item, true): "\(item.phrase), or a list of them"
        case .list(let item, false): "a list, each item \(item.phrase)"
        case .mapping(let form): "a mapping with \(alternatives(form.fields.map(\.name).uniqued(), "and"))"
        case .either(let one, let other): "\(one.phrase), or \(other.phrase)"
        }
    }
}

/// A mapping's fields, in the order in which people should read them.
public struct FormDescription: Sendable, Hashable {
    public let noun: String
    public let fields: [FieldDescription]
}

extension [String] {
    /// Each name once, at its first place.
    func uniqued() -> [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
