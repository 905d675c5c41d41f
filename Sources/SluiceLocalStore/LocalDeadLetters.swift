public import SluiceCore
internal import SluiceSQLite

/// Dead letters on a local disk: the SQLite database `dead-letters.sqlite` in a folder.
///
/// It is an ordinary database, to be looked at with ordinary tools while Sluice runs:
///
/// ```
/// sqlite3 dead-letters.sqlite "SELECT feature, version, position, reason, detail, CAST(raw AS TEXT) FROM letters"
/// ```
///
/// `position` is that of a `WriteVersion`, 20 hexadecimal digits; `sink` is empty where the record itself was refused,
/// for all sinks; `csv_header` is a JSON array. The table `replays` says which sinks have yet to try a letter again
/// (`waiting`), or have refused it again (`refused`). A letter goes when no sink is left there.
///
/// Everything is on the disk when a call returns. Answers hold at most about 16 MiB of letters in memory.
public final class LocalDeadLetters: DeadLetterStore {
    /// Bytes of raw records after which an answer ends.
    static let answerLimit = 16 << 20

    private static let layout = [
        """
        CREATE TABLE letters (
            id INTEGER PRIMARY KEY, feature TEXT NOT NULL, version INTEGER NOT NULL, lane TEXT NOT NULL,
            position TEXT NOT NULL, sink TEXT NOT NULL, row INTEGER NOT NULL, reason TEXT NOT NULL,
            detail TEXT NOT NULL, csv_header TEXT, raw BLOB NOT NULL, config_hash TEXT NOT NULL,
            refused_at TEXT NOT NULL, UNIQUE (feature, version, lane, position, sink, row)
        ) STRICT;
        CREATE TABLE replays (
            sink TEXT NOT NULL, letter INTEGER NOT NULL REFERENCES letters ON DELETE CASCADE,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'refused')), PRIMARY KEY (sink, letter)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX replays_by_letter ON replays (letter);
        """
    ]
    private static let ofLetter = "feature = ? AND version = ? AND lane = ? AND position = ? AND sink = ? AND row = ?"

    let database: LocalDatabase

    /// Opens the letters in a folder, which is made where it is not there.
    public static func open(path: String) throws(CoordinationTrouble) -> LocalDeadLetters {
        LocalDeadLetters(try LocalDatabase(folder: path, name: "dead-letters.sqlite", layout: layout))
    }

    private init(_ database: LocalDatabase) { self.database = database }

    public func keep(_ letters: [DeadLetter], met sink: String) throws(CoordinationTrouble) {
        guard !letters.isEmpty else { return }
        try database.write { connection throws(SQLiteError) in
            // What was tried again and refused is described anew: the configuration has changed since.
            let describe = try connection.prepare(
                """
                UPDATE letters SET reason = ?, detail = ?, config_hash = ?, refused_at = ?
                WHERE id = (SELECT letter FROM replays WHERE letter =
                    (SELECT id FROM letters WHERE \(Self.ofLetter)) AND replays.sink = ? AND state = 'waiting')
                """)
            let end = try connection.prepare(
                """
                UPDATE replays SET state = 'refused' WHERE letter = (SELECT id FROM letters WHERE \(Self.ofLetter))
                AND sink = ? AND state = 'waiting'
                """)
            let insert = try connection.prepare(
                """
                INSERT INTO letters (feature, version, lane, position, sink, row, reason, detail, csv_header, raw,
                    config_hash, refused_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """)
            for letter in letters {
                let key = key(of: letter.id)
                let reason = SQLiteValue.text(letter.reason.rawValue)
                let detail = SQLiteValue.text(letter.detail)
                let hash = SQLiteValue.text(letter.configHash)
                let time = SQLiteValue.text(letter.refusedAt.description)
                try describe.run([reason, detail, hash, time] + key + [.text(sink)])
                try end.run(key + [.text(sink)])
                try insert.run(key + [reason, detail, header(of: letter.format), .blob(letter.raw), hash, time])
            }
        }
    }

    public func replays(for sink: String, limit: Int) throws(CoordinationTrouble) -> [DeadLetter] {
        try letters(
            "JOIN replays ON replays.letter = letters.id WHERE replays.sink = ? AND state = 'waiting'", [.text(sink)],
            limit: limit)
    }

    public func settled(_ letters: [DeadLetter.ID], by sink: String) throws(CoordinationTrouble) {
        guard !letters.isEmpty else { return }
        try database.write { connection throws(SQLiteError) in
            let settle = try connection.prepare(
                """
                DELETE FROM replays WHERE letter = (SELECT id FROM letters WHERE \(Self.ofLetter)) AND sink = ?
                AND state = 'waiting'
                """)
            let forget = try connection.prepare(
                "DELETE FROM letters WHERE \(Self.ofLetter) AND id NOT IN (SELECT letter FROM replays)")
            for letter in letters {
                try settle.run(key(of: letter) + [.text(sink)])
                if connection.changes > 0 { try forget.run(key(of: letter)) }
            }
        }
    }

    public func list(_ filter: DeadLetterFilter, limit: Int) throws(CoordinationTrouble) -> [DeadLetter] {
        let (condition, values) = condition(filter)
        return try letters("WHERE \(condition)", values, limit: limit)
    }

    public func count(_ filter: DeadLetterFilter) throws(CoordinationTrouble) -> [DeadLetterCount] {
        let (condition, values) = condition(filter)
        return try database.read { connection throws(SQLiteError) in
            let select = try connection.prepare(
                """
                SELECT feature, version, reason, count(*) FROM letters WHERE \(condition)
                GROUP BY feature, version, reason ORDER BY feature, version, reason
                """)
            try select.bind(values)
            var counts: [DeadLetterCount] = []
            while try select.step() {
                guard let feature = select.text(0), let reason = RefusalReason(rawValue: select.text(2) ?? "") else {
                    continue
                }
                counts.append(
                    DeadLetterCount(
                        featureVersion: FeatureVersion(feature, Int(select.integer(1))), reason: reason,
                        letters: Int(select.integer(3))))
            }
            return counts
        }
    }

    public func requestReplay(
        _ filter: DeadLetterFilter, sinks: [FeatureVersion: [String]]
    ) throws(CoordinationTrouble) -> Int {
        let (condition, values) = condition(filter)
        return try database.write { connection throws(SQLiteError) in
            try connection.execute("CREATE TEMP TABLE IF NOT EXISTS asked (letter INTEGER, sink TEXT)")
            try connection.execute("DELETE FROM asked")
            for (featureVersion, names) in sinks {
                // A letter that was replayed before goes only to the sinks that have not settled it.
                let ask = try connection.prepare(
                    """
                    INSERT INTO asked SELECT id, ?1 FROM letters WHERE feature = ?2 AND version = ?3
                    AND sink IN ('', ?1) AND (
                        NOT EXISTS (SELECT 1 FROM replays WHERE letter = letters.id)
                        OR EXISTS (SELECT 1 FROM replays WHERE letter = letters.id AND replays.sink = ?1))
                    AND id IN (SELECT id FROM letters WHERE \(condition))
                    """)
                let version = SQLiteValue.integer(Int64(featureVersion.version))
                for name in Set(names) {
                    try ask.run([.text(name), .text(featureVersion.feature), version] + values)
                }
            }
            try connection.execute(
                "INSERT OR REPLACE INTO replays (sink, letter, state) SELECT sink, letter, 'waiting' FROM asked")
            guard
                case .integer(let count)? = try connection.run("SELECT count(DISTINCT letter) FROM asked").first?.first
            else { return 0 }
            return Int(count)
        }
    }

    public func discard(_ filter: DeadLetterFilter) throws(CoordinationTrouble) -> Int {
        let (condition, values) = condition(filter)
        return try database.write { connection throws(SQLiteError) in
            try connection.prepare("DELETE FROM letters WHERE \(condition)").run(values)
            return connection.changes
        }
    }
}
