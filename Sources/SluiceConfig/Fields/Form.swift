/// A mapping's fields, and what their values make together.
///
///     static let batch = Form(
///         "batch",
///         .defaulted("rows", .integer(1...1000), "256", "Rows in one write, at most."),
///         .defaulted("wait", .duration(…), "5ms", "How long a row waits for company.")
///     ) { mapping, rows, wait in BatchPlan(rows: rows, wait: wait) }
struct Form<Value: Sendable>: Sendable {
    let description: FormDescription
    /// The value of the fields, whoever else's fields stand in the mapping too.
    let readFields: @Sendable (MappingReader) -> Value?

    /// All fields are read, so that all their errors are reported; only then, and if all are good, `make` is called.
    /// It checks what concerns several fields, reports by `MappingReader.report`, and may then return `nil`.
    init<each Part: Sendable>(
        _ noun: String, _ field: repeat Field<each Part>,
        make: @escaping @Sendable (MappingReader, repeat each Part) -> Value?
    ) {
        var fields: [FieldDescription] = []
        for descriptions in repeat (each field).descriptions { fields += descriptions }
        description = FormDescription(noun: noun, fields: fields)
        readFields = { mapping in
            let values = (repeat (each field).read(mapping))
            do {
                return make(mapping, repeat try present(each values))
            } catch {
                return nil
            }
        }
    }

    /// Reads a mapping and reports the keys that no field of this form has.
    func read(_ node: YAMLNode, _ context: ReadingContext) -> Value? {
        guard let mapping = MappingReader(node, description, context) else { return nil }
        let value = readFields(mapping)
        mapping.reportUnknownKeys()
        return value
    }
}

private struct Absent: Error {}

private func present<Value>(_ value: Value?) throws(Absent) -> Value {
    guard let value else { throw Absent() }
    return value
}
