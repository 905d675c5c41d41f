/// A key that may stand in a mapping, declared once: parsing, defaults, complaints and documentation follow from it.
struct Field<Value: Sendable>: Sendable {
    /// Usually one; a choice of kinds brings the fields of each kind along.
    let descriptions: [FieldDescription]
    /// The value, or `nil` where it is missing or wrong, which is then reported.
    let read: @Sendable (MappingReader) -> Value?

    /// A key that must stand there.
    static func required(_ name: String, _ type: ValueType<Value>, _ summary: String) -> Field {
        let description = FieldDescription(name: name, type: type.description, presence: .required, summary: summary)
        return Field(descriptions: [description]) { mapping in
            guard let node = mapping[name] else {
                mapping.reportMissing(description)
                return nil
            }
            return type.read(node, mapping.context)
        }
    }

    /// A key that may be left out; then `yaml` stands for it, read as if it stood in the file.
    static func defaulted(_ name: String, _ type: ValueType<Value>, _ yaml: String, _ summary: String) -> Field {
        let description = FieldDescription(
            name: name, type: type.description, presence: .defaults(to: yaml), summary: summary)
        let standIn = defaultNode(yaml)
        return Field(descriptions: [description]) { mapping in
            type.read(mapping[name] ?? standIn, mapping.context)
        }
    }

    /// A key that may be left out, and then there is no value.
    static func optional<Wrapped: Sendable>(
        _ name: String, _ type: ValueType<Wrapped>, _ summary: String
    ) -> Field where Value == Wrapped? {
        let description = FieldDescription(name: name, type: type.description, presence: .optional, summary: summary)
        return Field(descriptions: [description]) { mapping in
            guard let node = mapping[name] else { return .some(nil) }
            return type.read(node, mapping.context).map(Optional.some)
        }
    }

    /// A key whose value is a mapping of defaulted fields; left out, all its defaults hold.
    static func section(_ name: String, _ form: Form<Value>, _ summary: String) -> Field {
        let description = FieldDescription(
            name: name, type: .mapping(form.description), presence: .section, summary: summary)
        return Field(descriptions: [description]) { mapping in
            form.read(mapping[name] ?? YAMLNode(content: .mapping([]), mark: mapping.mark), mapping.context)
        }
    }

    /// The key `kind`, whose word decides which further fields the mapping has.
    static func kind(_ kinds: [Kind<Value>], default defaultKind: String? = nil, _ summary: String) -> Field {
        let names = kinds.map(\.name)
        let description = FieldDescription(
            name: "kind", type: .choice(names),
            presence: defaultKind.map { .defaults(to: $0) } ?? .required, summary: summary)
        let fields = kinds.flatMap { kind in
            kind.form.description.fields.map { field in
                var field = field
                field.kinds = [kind.name]
                return field
            }
        }
        let standIn = defaultKind.map(defaultNode)
        return Field(descriptions: [description] + fields) { mapping in
            guard let node = mapping["kind"] ?? standIn else {
                mapping.reportMissing(description)
                return nil
            }
            guard let name = mapping.context.choice(node, among: names) else { return nil }
            mapping.kind = name
            return kinds.first { $0.name == name }?.form.readFields(mapping)
        }
    }

    private static func defaultNode(_ yaml: String) -> YAMLNode {
        let context = ReadingContext(file: "default", source: SourceText(bytes: Array(yaml.utf8)))
        guard let node = YAMLDocument.read(context), !context.hasErrors else {
            preconditionFailure("the default `\(yaml)` is not YAML")
        }
        return node
    }
}

/// One word that `kind` may be, and the fields that come with it.
struct Kind<Value: Sendable>: Sendable {
    let name: String
    let form: Form<Value>

    init(_ name: String, _ form: Form<Value>) {
        self.name = name
        self.form = form
    }
}
