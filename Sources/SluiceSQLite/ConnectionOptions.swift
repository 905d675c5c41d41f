internal import CSQLite

/// How a database is opened.
public struct ConnectionOptions: Sendable {
    public enum Access: Sendable {
        case readOnly
        /// The file must be there.
        case readWrite
        /// The file is made where there is none; its folder must be there.
        case create
    }

    /// What a commit waits for.
    public enum Synchronous: String, Sendable {
        /// The system's cache: survives a crash of the process.
        case off = "OFF"
        /// With a write-ahead log the last commits may be lost when the machine loses power, the database never.
        case normal = "NORMAL"
        /// The disk, at every commit.
        case full = "FULL"
    }

    public var access: Access
    /// Readers do not wait for the writer, nor the writer for readers. The mode is a property of the file and stays; it
    /// is set only where `access` allows writing.
    public var writeAheadLog: Bool
    public var synchronous: Synchronous
    /// How long a call waits for a lock that another connection holds before it fails as `busy`.
    public var busyTimeout: Duration

    public init(
        access: Access = .create, writeAheadLog: Bool = false, synchronous: Synchronous = .full,
        busyTimeout: Duration = .seconds(5)
    ) {
        self.access = access
        self.writeAheadLog = writeAheadLog
        self.synchronous = synchronous
        self.busyTimeout = busyTimeout
    }

    func apply(to connection: Connection) throws(SQLiteError) {
        if writeAheadLog, access != .readOnly {
            let mode = try connection.run("PRAGMA journal_mode = WAL").first?.first
            guard mode == .text("wal") else {
                throw SQLiteError(
                    code: .cannotOpen, message: "the file system does not allow a write-ahead log for this database")
            }
        }
        try connection.execute("PRAGMA synchronous = \(synchronous.rawValue)")
    }
}
