internal import Glibc
public import SluiceCore
internal import SluiceSQLite
internal import Synchronization

/// The coordination store of one host: an SQLite database `coordination.sqlite` in a folder.
///
/// Any number of processes may open it, commands beside a run. One of them at a time is the run, which alone moves
/// cursors: it holds `run.lock`, which the kernel releases when it ends in whatever way, and the greatest fencing token
/// of the lease `run`, which refuses it once another has begun.
///
/// Ordinals are on the disk when they are returned. Cursors survive the end of the process, and may be lost with the
/// power: then records are read again, which changes nothing. The folder must be on a local disk: neither the lock nor
/// the write-ahead log is reliable on a network file system.
public final class LocalStore: CoordinationStore {
    private static let layout = [
        """
        CREATE TABLE streams (
            id INTEGER PRIMARY KEY, deployment TEXT NOT NULL, feature TEXT NOT NULL, version INTEGER NOT NULL,
            lane TEXT NOT NULL, UNIQUE (deployment, feature, version, lane)
        ) STRICT;
        CREATE TABLE files (
            stream INTEGER NOT NULL REFERENCES streams, ordinal INTEGER NOT NULL, path TEXT NOT NULL,
            number INTEGER NOT NULL, fingerprint_length INTEGER NOT NULL CHECK (fingerprint_length >= 0),
            fingerprints BLOB NOT NULL, PRIMARY KEY (stream, ordinal)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX files_by_path ON files (stream, path);
        CREATE TABLE cursors (
            stream INTEGER NOT NULL REFERENCES streams, sink TEXT NOT NULL, ordinal INTEGER NOT NULL,
            "offset" INTEGER NOT NULL, records INTEGER NOT NULL, PRIMARY KEY (stream, sink, ordinal)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE leases (
            name TEXT PRIMARY KEY, holder TEXT NOT NULL, token INTEGER NOT NULL, since TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
    ]

    /// A run of this process: its lock and its fencing token.
    private struct Run: Sendable {
        let lock: RunLock
        let token: Int64
    }

    private let folder: String
    private let deployment: String
    private let database: LocalDatabase
    private let run = Mutex<Run?>(nil)

    /// Opens the store in a folder, which is made where it is not there.
    public static func open(path: String, deployment: String) throws(CoordinationTrouble) -> LocalStore {
        LocalStore(
            folder: path, deployment: deployment,
            database: try LocalDatabase(folder: path, name: "coordination.sqlite", layout: layout))
    }

    private init(folder: String, deployment: String, database: LocalDatabase) {
        self.folder = folder
        self.deployment = deployment
        self.database = database
    }

    /// This process in words: `pid 123 on host-7`.
    public static var thisProcess: String {
        var name = [UInt8](repeating: 0, count: 256)
        let isKnown = name.withUnsafeMutableBytes {
            gethostname($0.bindMemory(to: CChar.self).baseAddress!, $0.count - 1) == 0
        }
        let host = isKnown ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "this host"
        return "pid \(getpid()) on \(host)"
    }

    // MARK: The run

    /// Makes this process the one run of the folder, until `endRun` or its end.
    ///
    /// - Throws: `heldByAnother` with the other's words, `pid 123 on host-7 since …`.
    public func beginRun(holder: String = LocalStore.thisProcess) throws(CoordinationTrouble) {
        let since = EventTime.now.description
        let lock = try RunLock(path: "\(folder)/run.lock", holder: "\(holder) since \(since)")
        let token = try database.write { connection throws(SQLiteError) in
            try connection.run(
                """
                INSERT INTO leases (name, holder, token, since) VALUES ('run', ?1, 1, ?2)
                ON CONFLICT (name) DO UPDATE SET holder = ?1, token = token + 1, since = ?2
                RETURNING token
                """, .text(holder), .text(since))
        }
        guard case .integer(let number)? = token.first?.first else {
            throw .damaged("\(database.path): the lease has no token")
        }
        let new = Run(lock: lock, token: number)
        run.withLock { $0 = new }
    }

    /// Lets the next run begin. Cursors are not moved after this.
    public func endRun() {
        run.withLock { $0 = nil }
    }

    // MARK: CoordinationStore

    public func ordinals(of files: [FileSighting], stream: StreamID) throws(CoordinationTrouble) -> [UInt32] {
        try database.write { connection throws(SQLiteError) in
            let id = try makeStream(stream, connection)
            let find = try connection.prepare(
                "SELECT ordinal, number, fingerprint_length, fingerprints FROM files WHERE stream = ? AND path = ?")
            let insert = try connection.prepare("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)")
            let last = try connection.run("SELECT coalesce(max(ordinal), -1) FROM files WHERE stream = ?", .integer(id))
            var next: Int64 = if case .integer(let number)? = last.first?.first { number + 1 } else { 0 }
            var ordinals: [UInt32] = []
            for file in files {
                if let known = file.registration(among: try registrations(of: file.path, stream: id, find)) {
                    ordinals.append(known)
                    continue
                }
                let identity = file.identity
                try insert.run(
                    .integer(id), .integer(next), .text(file.path), .integer(Int64(bitPattern: identity.number)),
                    .integer(Int64(identity.fingerprintLength)), .blob(bytes(of: identity.fingerprints)))
                ordinals.append(UInt32(next))
                next += 1
            }
            return ordinals
        }
    }

    public func cursors(of stream: StreamID, sink: String) throws(CoordinationTrouble) -> [UInt32: FileCursor] {
        try database.read { connection throws(SQLiteError) in
            let select = try connection.prepare(
                """
                SELECT ordinal, "offset", records FROM cursors JOIN streams ON streams.id = cursors.stream
                WHERE deployment = ? AND feature = ? AND version = ? AND lane = ? AND sink = ?
                """)
            try select.bind(key(of: stream) + [.text(sink)])
            var cursors: [UInt32: FileCursor] = [:]
            while try select.step() {
                cursors[UInt32(truncatingIfNeeded: select.integer(0))] = FileCursor(
                    offset: UInt64(bitPattern: select.integer(1)), records: UInt64(bitPattern: select.integer(2)))
            }
            return cursors
        }
    }

    public func move(_ cursors: [CursorMove]) throws(CoordinationTrouble) {
        guard let token = run.withLock({ $0?.token }) else {
            throw .fenced("cursors are moved by a run, and this process has not begun one")
        }
        let successor = try database.write(.relaxed) { connection throws(SQLiteError) -> String? in
            let newer = try connection.run(
                "SELECT holder || ' since ' || since FROM leases WHERE name = 'run' AND token > ?", .integer(token))
            if case .text(let holder)? = newer.first?.first { return holder }
            let write = try connection.prepare("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?, ?, ?)")
            var ids: [StreamID: Int64] = [:]
            for move in cursors {
                let id: Int64
                if let known = ids[move.stream] { id = known } else { id = try makeStream(move.stream, connection) }
                ids[move.stream] = id
                try write.run(
                    .integer(id), .text(move.sink), .integer(Int64(move.ordinal)),
                    .integer(Int64(bitPattern: move.cursor.offset)), .integer(Int64(bitPattern: move.cursor.records)))
            }
            return nil
        }
        if let successor { throw .fenced("\(successor) has taken over the run") }
    }

    // MARK: Rows

    private func key(of stream: StreamID) -> [SQLiteValue] {
        let version = stream.featureVersion
        return [
            .text(deployment), .text(version.feature), .integer(Int64(version.version)), .text(stream.lane.description),
        ]
    }

    private func makeStream(_ stream: StreamID, _ connection: Connection) throws(SQLiteError) -> Int64 {
        let find = "SELECT id FROM streams WHERE deployment = ? AND feature = ? AND version = ? AND lane = ?"
        let select = try connection.prepare(find)
        try select.bind(key(of: stream))
        if try select.step() { return select.integer(0) }
        let insert = try connection.prepare(
            "INSERT INTO streams (deployment, feature, version, lane) VALUES (?, ?, ?, ?)")
        try insert.bind(key(of: stream))
        while try insert.step() {}
        return connection.lastInsertedRow
    }

    private func registrations(
        of path: String, stream: Int64, _ find: Statement
    ) throws(SQLiteError) -> [(ordinal: UInt32, identity: FileIdentity)] {
        defer { find.reset() }
        try find.bind([.integer(stream), .text(path)])
        var found: [(ordinal: UInt32, identity: FileIdentity)] = []
        while try find.step() {
            let identity = FileIdentity(
                number: UInt64(bitPattern: find.integer(1)), fingerprintLength: Int(find.integer(2)),
                fingerprints: numbers(in: find.blob(3) ?? []))
            found.append((UInt32(truncatingIfNeeded: find.integer(0)), identity))
        }
        return found
    }
}

/// Eight bytes each, the most significant first.
private func bytes(of numbers: [UInt64]) -> [UInt8] {
    numbers.flatMap { number in stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) } }
}

private func numbers(in bytes: [UInt8]) -> [UInt64] {
    stride(from: 0, to: bytes.count, by: 8).map { start in
        bytes[start..<min(start + 8, bytes.count)].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
