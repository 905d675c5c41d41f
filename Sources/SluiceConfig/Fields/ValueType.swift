/// What may stand as the value of a field: how it is read, and how it is described to people.
struct ValueType<Value: Sendable>: Sendable {
    let description: TypeDescription
    /// The value, or `nil` where it is wrong, which is then reported.
    let read: @Sendable (YAMLNode, ReadingContext) -> Value?

    init(_ description: TypeDescription, read: @escaping @Sendable (YAMLNode, ReadingContext) -> Value?) {
        self.description = description
        self.read = read
    }

    /// A text, made a value by a parser that knows nothing of YAML.
    static func scalar(
        _ expected: String, parse: @escaping @Sendable (String) throws(ValueError) -> Value
    ) -> ValueType {
        .text(expected) { text, node, context in
            do throws(ValueError) {
                if text.contains("${env:") || text.contains("${file:") {
                    throw ValueError(
                        found: "a reference (`${…}`) that is not followed here",
                        expected: "write the value out: only `url` and `token` follow references")
                }
                return try parse(text)
            } catch {
                context.report(at: node.mark, error.found, error.expected)
                return nil
            }
        }
    }

    /// A text that is not empty, read with its place at hand.
    static func text(
        _ expected: String, read: @escaping @Sendable (String, YAMLNode, ReadingContext) -> Value?
    ) -> ValueType {
        ValueType(.scalar(expected)) { node, context in
            guard case .scalar(let scalar) = node.content, !node.isNull else {
                context.reportWrongType(node, "expected \(expected)")
                return nil
            }
            guard scalar.text.utf8.contains(where: { $0 > UInt8(ascii: " ") }) else {
                context.report(at: node.mark, "the text is empty", "expected \(expected)")
                return nil
            }
            return read(scalar.text, node, context)
        }
    }

    /// The same type with a further rule, which reports what breaks it and then returns `false`.
    func checked(_ rule: @escaping @Sendable (Value, YAMLNode, ReadingContext) -> Bool) -> ValueType {
        ValueType(description) { [read] node, context in
            guard let value = read(node, context), rule(value, node, context) else { return nil }
            return value
        }
    }
}

extension ValueType {
    /// One of a few words.
    static func choice() -> ValueType where Value: RawRepresentable<String> & CaseIterable {
        let names = Value.allCases.map(\.rawValue)
        return ValueType(.choice(names)) { node, context in
            context.choice(node, among: names).flatMap(Value.init(rawValue:))
        }
    }

    /// A list of distinct items, at least one; `orOne` takes a single item for a list of it.
    static func list<Item: Hashable>(
        of item: ValueType<Item>, orOne: Bool = false, atMost limit: Int
    ) -> ValueType where Value == [Item] {
        let single = item.description.phrase
        let expected = orOne ? "\(single), or a list of them" : "a list, each item \(single)"
        return ValueType(.list(item.description, orOne: orOne)) { node, context in
            if case .scalar = node.content, orOne, !node.isNull { return item.read(node, context).map { [$0] } }
            guard case .sequence(let nodes) = node.content else {
                context.reportWrongType(node, "expected \(expected)")
                return nil
            }
            guard (1...limit).contains(nodes.count) else {
                context.report(at: node.mark, "the list has \(nodes.count) items", "expected 1 to \(limit)")
                return nil
            }
            return distinct(nodes, item, context)
        }
    }

    private static func distinct<Item: Hashable>(
        _ nodes: [YAMLNode], _ item: ValueType<Item>, _ context: ReadingContext
    ) -> [Item]? {
        var items: [Item] = []
        var isGood = true
        for node in nodes {
            guard let value = item.read(node, context) else {
                isGood = false
                continue
            }
            if items.contains(value) {
                context.report(at: node.mark, "the list names this twice", "expected each item once")
                isGood = false
            }
            items.append(value)
        }
        return isGood ? items : nil
    }

    /// A mapping with the fields of a form.
    static func mapping(_ form: Form<Value>) -> ValueType {
        ValueType(.mapping(form.description)) { node, context in form.read(node, context) }
    }
}

extension ReadingContext {
    /// Reports that a node is of the wrong shape; what was refused before is not reported again.
    func reportWrongType(_ node: YAMLNode, _ expected: String) {
        switch node.content {
        case .refused: break
        case .sequence: report(at: node.mark, "a list stands here", expected)
        case .mapping: report(at: node.mark, "a mapping stands here", expected)
        case .scalar(let scalar):
            report(at: node.mark, node.isNull ? "no value stands here" : "\(quoted(scalar.text)) stands here", expected)
        }
    }

    /// The word that a node holds, if it is one of the names.
    func choice(_ node: YAMLNode, among names: [String]) -> String? {
        let expected = "expected \(alternatives(names))"
        guard case .scalar(let scalar) = node.content, !node.isNull else {
            reportWrongType(node, expected)
            return nil
        }
        guard names.contains(scalar.text) else {
            let near = NearName.of(scalar.text, among: names)
            report(
                at: node.mark, "\(quoted(scalar.text)) is not known here",
                near.map { "did you mean `\($0)`? \(expected)" } ?? expected)
            return nil
        }
        return scalar.text
    }
}
