internal import SluiceCore
internal import SluiceSQLite

extension LocalDeadLetters {
    /// The columns that identify a letter, in the order of the table's key.
    func key(of letter: DeadLetter.ID) -> [SQLiteValue] {
        let version = letter.stream.featureVersion
        return [
            .text(version.feature), .integer(Int64(version.version)), .text(letter.stream.lane.description),
            .text(letter.position.description), .text(letter.sink ?? ""), .integer(Int64(letter.row)),
        ]
    }

    /// A CSV header as a JSON array, which people and SQLite read alike.
    func header(of format: RecordFormat) -> SQLiteValue {
        guard case .csv(let names) = format else { return .null }
        let quoted = names.map { name in
            let escaped = name.unicodeScalars.map { scalar in
                switch scalar {
                case "\"", "\\": "\\\(scalar)"
                case "\u{0}"..."\u{1f}": "\\u00\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))"
                default: String(scalar)
                }
            }
            return "\"\(escaped.joined())\""
        }
        return .text("[\(quoted.joined(separator: ","))]")
    }

    func condition(_ filter: DeadLetterFilter) -> (sql: String, values: [SQLiteValue]) {
        var terms = ["TRUE"]
        var values: [SQLiteValue] = []
        func require(_ column: String, _ value: SQLiteValue?) {
            guard let value else { return }
            terms.append("letters.\(column) = ?")
            values.append(value)
        }
        require("feature", filter.feature.map(SQLiteValue.text))
        require("version", filter.version.map { .integer(Int64($0)) })
        require("sink", filter.sink.map(SQLiteValue.text))
        require("reason", filter.reason.map { .text($0.rawValue) })
        return (terms.joined(separator: " AND "), values)
    }

    /// Letters, oldest first, until `limit` or `answerLimit` is reached.
    func letters(
        _ condition: String, _ values: [SQLiteValue], limit: Int
    ) throws(CoordinationTrouble) -> [DeadLetter] {
        try database.read { connection throws(SQLiteError) in
            let select = try connection.prepare(
                """
                SELECT feature, version, lane, position, letters.sink, row, reason, detail, csv_header, raw,
                    config_hash, refused_at FROM letters \(condition) ORDER BY letters.id LIMIT ?
                """)
            try select.bind(values + [.integer(Int64(limit))])
            let names = try connection.prepare("SELECT value FROM json_each(?) ORDER BY key")
            var letters: [DeadLetter] = []
            var bytes = 0
            while bytes < Self.answerLimit, try select.step() {
                guard let letter = try letter(select, names) else {
                    throw SQLiteError(code: .corrupt, message: "a dead letter cannot be understood")
                }
                letters.append(letter)
                bytes += letter.raw.count
            }
            return letters
        }
    }

    private func letter(_ row: Statement, _ names: Statement) throws(SQLiteError) -> DeadLetter? {
        guard let feature = row.text(0), let lane = Lane(name: row.text(2) ?? ""),
            let position = Position(text: row.text(3) ?? ""), let sink = row.text(4),
            let index = UInt16(exactly: row.integer(5)), let reason = RefusalReason(rawValue: row.text(6) ?? ""),
            let detail = row.text(7), let raw = row.blob(9), let hash = row.text(10),
            let time = EventTime(iso8601: row.text(11) ?? "")
        else { return nil }
        let stream = StreamID(FeatureVersion(feature, Int(row.integer(1))), lane)
        var format = RecordFormat.json
        if let header = row.text(8) {
            defer { names.reset() }
            try names.bind([.text(header)])
            var columns: [String] = []
            while try names.step() { columns.append(names.text(0) ?? "") }
            format = .csv(header: columns)
        }
        return DeadLetter(
            id: DeadLetter.ID(stream: stream, position: position, sink: sink.isEmpty ? nil : sink, row: index),
            reason: reason, detail: detail, format: format, raw: raw, configHash: hash, refusedAt: time)
    }
}

extension Statement {
    /// Runs to the end with these values bound, and makes ready for the next time.
    func run(_ values: [SQLiteValue]) throws(SQLiteError) {
        defer { reset() }
        try bind(values)
        while try step() {}
    }
}
