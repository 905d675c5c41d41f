/// A mapping while the fields of its form are read.
final class MappingReader {
    let context: ReadingContext
    let node: YAMLNode
    /// The word that `kind` turned out to be; `nil` without one, or with a wrong one.
    var kind: String?
    private let form: FormDescription
    private let entries: [YAMLEntry]

    /// `nil` where the node is no mapping, which is then reported.
    init?(_ node: YAMLNode, _ form: FormDescription, _ context: ReadingContext) {
        guard case .mapping(let entries) = node.content else {
            context.reportWrongType(node, "expected \(TypeDescription.mapping(form).phrase)")
            return nil
        }
        self.context = context
        self.form = form
        self.entries = entries
        self.node = node
    }

    /// Where the mapping begins.
    var mark: YAMLMark { node.mark }

    subscript(key: String) -> YAMLNode? { entries.first { $0.key == key }?.value }

    /// Reports at a key's value, or at the mapping where the key is left out.
    func report(_ severity: Diagnostic.Severity = .error, at key: String, _ found: String, _ expected: String) {
        context.report(severity, at: self[key]?.mark ?? mark, found, expected)
    }

    func reportMissing(_ field: FieldDescription) {
        context.report(
            at: mark, "the \(form.noun) has no `\(field.name)`", "expected `\(field.name)`: \(field.type.phrase)")
    }

    func reportUnknownKeys() {
        for entry in entries where !context.isFull {
            let fields = form.fields.filter { $0.name == entry.key }
            if fields.contains(where: applies) { continue }
            if fields.isEmpty {
                reportUnknown(entry)
            } else {
                let kinds = alternatives(fields.flatMap(\.kinds))
                context.report(
                    at: entry.keyMark, "`\(entry.key)` does not apply to kind `\(kind ?? "")`",
                    "it belongs to kind \(kinds)")
            }
        }
    }

    /// Whether the mapping's kind has the field; while the kind is not known, any kind might.
    private func applies(_ field: FieldDescription) -> Bool {
        guard let kind, !field.kinds.isEmpty else { return true }
        return field.kinds.contains(kind)
    }

    private func reportUnknown(_ entry: YAMLEntry) {
        guard entry.key != "<<" else {
            context.report(at: entry.keyMark, "a merge key (`<<`)", "write each value out where it is needed")
            return
        }
        let names = form.fields.filter(applies).map(\.name)
        let near = NearName.of(entry.key, among: names)
        context.report(
            at: entry.keyMark, "unknown key \(quoted(entry.key)) in the \(form.noun)",
            near.map { "did you mean `\($0)`?" } ?? "expected \(alternatives(names.uniqued()))")
    }
}
