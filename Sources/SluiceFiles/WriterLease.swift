internal import Glibc
internal import SluiceCore

/// One incarnation of a writer below a sink's path: its name, and the lock that proves to others that it lives.
///
/// The lock file lists the folders in which the writer has begun files, so that whoever finds it dead knows where to
/// look for what it left behind.
final class WriterLease {
    let writer: String
    private let file: OpenFile
    private var touched: Set<String> = []
    private static let touchedLimit = 1 << 16

    private init(writer: String, file: consuming OpenFile) {
        self.writer = writer
        self.file = consume file
    }

    deinit { file.unlock() }

    /// A new incarnation. Its folder is made where it is missing.
    static func take(in root: borrowing Folder) throws(DiskFault) -> WriterLease {
        let folder = try root.makeFolder([HistoryLayout.writers])
        while true {
            let writer = newName()
            let file = try folder.create(writer + HistoryLayout.lockSuffix)
            // Between the two calls someone may have taken us for dead, and have removed the file.
            if try file.lock(), try !file.isUnlinked() {
                try folder.sync()
                try root.sync()
                return WriterLease(writer: writer, file: file)
            }
        }
    }

    /// Whether files were begun in this folder already, and so its being there is durable.
    func hasTouched(_ path: String) -> Bool { touched.contains(path) }

    /// Takes note, durably, that files are about to be begun in these folders.
    func touch(_ paths: [String]) throws(DiskFault) {
        try file.write(Array(paths.map { $0 + "\n" }.joined().utf8))
        try file.syncData()
        // Forgetting costs a line and a few syncs per folder that comes again.
        if touched.count + paths.count > Self.touchedLimit { touched.removeAll() }
        touched.formUnion(paths)
    }

    /// Clears up after this writer as after a dead one, while the lock is still held.
    func end(in root: borrowing Folder) throws(DiskFault) {
        try DeadWriters.clear(writer, lock: file, in: root)
    }

    /// `0006153f9a2b4c-1f3a-9d8c7b6a`: microseconds of the wall clock, process and chance, in hexadecimal; so names sort
    /// by the time at which writers began.
    private static func newName() -> String {
        let began = UInt64(max(0, EventTime.now.microseconds))
        let chance = UInt32.random(in: .min ... .max)
        let parts = [(began, 14), (UInt64(getpid()), 1), (UInt64(chance), 8)]
        return parts.map { number, digits in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }.joined(separator: "-")
    }
}
