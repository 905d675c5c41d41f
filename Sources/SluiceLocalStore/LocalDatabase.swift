internal import Glibc
internal import SluiceCore
internal import SluiceSQLite
internal import Synchronization

/// A database file of known layout, behind a lock: every call is one transaction, whatever thread it comes from.
final class LocalDatabase: Sendable {
    /// What a commit waits for. The database itself survives the loss of power either way.
    enum Durability: String {
        /// The disk.
        case full = "FULL"
        /// Nothing; the last commits may be lost with the power.
        case relaxed = "NORMAL"
    }

    let path: String
    private let connection: Mutex<Connection>

    /// Opens the database, makes it where there is none (with its folder), and brings it to the present layout.
    ///
    /// - Parameter layout: the statements that lead from each version of the layout to the next. What stands here was
    ///   released and does not change; a new version is a new element.
    init(folder: String, name: String, layout: [String]) throws(CoordinationTrouble) {
        path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        try makeFolder(folder)
        do throws(SQLiteError) {
            let connection = try Connection(path: path, options: ConnectionOptions(writeAheadLog: true))
            try connection.execute("PRAGMA foreign_keys = ON")
            self.connection = Mutex(connection)
        } catch {
            throw CoordinationTrouble(error, path: path)
        }
        let found = try write { connection throws(SQLiteError) in try Self.migrate(connection, layout: layout) }
        guard found <= layout.count else {
            throw .damaged(
                "\(path) has layout \(found), and this release knows layouts up to \(layout.count); "
                    + "run the release that wrote it, or a later one")
        }
    }

    /// Runs `body` in a transaction that may write.
    func write<Result: Sendable>(
        _ durability: Durability = .full, _ body: (Connection) throws(SQLiteError) -> Result
    ) throws(CoordinationTrouble) -> Result {
        try read { connection throws(SQLiteError) in
            try connection.execute("PRAGMA synchronous = \(durability.rawValue)")
            return try connection.transaction { () throws(SQLiteError) in try body(connection) }
        }
    }

    /// Runs `body`, which reads with a single statement.
    func read<Result: Sendable>(
        _ body: (Connection) throws(SQLiteError) -> Result
    ) throws(CoordinationTrouble) -> Result {
        do throws(SQLiteError) {
            return try connection.withLock { connection throws(SQLiteError) in try body(connection) }
        } catch {
            throw CoordinationTrouble(error, path: path)
        }
    }

    /// Returns the layout that was found; one that is newer than any known stays untouched.
    private static func migrate(_ connection: Connection, layout: [String]) throws(SQLiteError) -> Int {
        guard case .integer(let found)? = try connection.run("PRAGMA user_version").first?.first else { return 0 }
        guard found < layout.count else { return Int(found) }
        for step in layout[Int(found)...] { try connection.execute(step) }
        try connection.execute("PRAGMA user_version = \(layout.count)")
        return layout.count
    }
}

/// Makes a folder and those above it, where they are not there.
private func makeFolder(_ path: String) throws(CoordinationTrouble) {
    var made = path.hasPrefix("/") ? "/" : ""
    for name in path.split(separator: "/") {
        made += made.isEmpty || made.hasSuffix("/") ? String(name) : "/\(name)"
        guard mkdir(made, 0o777) != 0, errno != EEXIST else { continue }
        let code = errno
        var status = stat()
        // On a read-only file system an existing folder answers otherwise than EEXIST.
        if stat(made, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { continue }
        throw .unavailable("\(made): the folder cannot be made: \(String(systemError: code))")
    }
}

extension CoordinationTrouble {
    init(_ error: SQLiteError, path: String) {
        switch error.code {
        case .busy: self = .unavailable("\(path) is locked by another process: \(error.message)")
        case .full: self = .unavailable("\(path): \(error.message); free some space")
        case .cannotOpen, .readOnly, .inputOutput, .outOfMemory, .interrupted, .notAuthorized, .tooBig:
            self = .unavailable("\(path): \(error.message)")
        case .corrupt: self = .damaged("\(path): \(error.message); move it away, and streams are read anew")
        case .constraint, .sql, .other: self = .damaged("\(path): \(error.message)")
        }
    }
}
