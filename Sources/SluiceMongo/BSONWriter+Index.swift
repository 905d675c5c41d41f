extension BSONWriter {
    /// The fields of the command that makes an index, ascending, of one field.
    mutating func appendIndexCreation(
        in collection: String, on field: String, name: String, _ appendOptions: (inout BSONWriter) -> Void
    ) {
        append("createIndexes", collection)
        begin("indexes", isArray: true)
        begin("0")
        begin("key")
        append(field, Int64(1))
        end()
        append("name", name)
        appendOptions(&self)
        end()
        end()
    }
}
