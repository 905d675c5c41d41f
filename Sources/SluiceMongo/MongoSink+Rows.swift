internal import SluiceCore

extension Row {
    /// The filter of the row's update: `{_id: "<entity>"}`.
    func writeFilter(to writer: inout BSONWriter) {
        writer.begin()
        withEntity { writer.append("_id", $0) }
        writer.end()
    }

    /// The pipeline that replaces the document if the row is newer. A document without `_v`, as an upsert makes it,
    /// is older than any. Values stand under `$literal`, or those that begin with `$` would be read as field paths.
    ///
    ///     [{$replaceWith: {$cond: [{$lt: ["$_v", W]}, {$literal: {…}}, "$$ROOT"]}}]
    func writeUpdate(to writer: inout BSONWriter) {
        writer.begin()
        writer.begin("0")
        writer.begin("$replaceWith")
        writer.begin("$cond", isArray: true)
        writer.begin("0")
        writer.begin("$lt", isArray: true)
        writer.append("0", "$_v")
        writer.append("1", version.description)
        writer.end()
        writer.end()
        writer.begin("1")
        writer.begin("$literal")
        writeContent(to: &writer)
        writer.end()
        writer.end()
        writer.append("2", "$$ROOT")
        writer.end()
        writer.end()
        writer.end()
        writer.end()
    }

    /// Bytes of the row's document.
    var contentSize: Int {
        var writer = BSONWriter()
        writer.begin()
        writeContent(to: &writer)
        writer.end()
        return writer.bytes.count
    }

    private func writeContent(to writer: inout BSONWriter) {
        withEntity { writer.append("_id", $0) }
        writer.append("_v", version.description)
        let (milliseconds, rest) = version.eventTime.microseconds.quotientAndRemainder(dividingBy: 1000)
        writer.append("_event_time", millisecondsSinceEpoch: milliseconds - (rest < 0 ? 1 : 0))
        if let expiresAt {
            // Rounded up: a row must not be gone before its time.
            let (milliseconds, rest) = expiresAt.microseconds.quotientAndRemainder(dividingBy: 1000)
            writer.append("_expire_at", millisecondsSinceEpoch: milliseconds + (rest > 0 ? 1 : 0))
        }
        guard !isDeleted else { return writer.append("_deleted", true) }
        forEachCell { column, cell in
            let name = schema.columns[column]
            switch cell {
            case .null: break
            case .integer(let number): writer.append(name, number)
            case .real(let number): writer.append(name, number)
            case .text(let text): writer.append(name, text)
            }
        }
    }
}
