internal import Glibc
internal import SluiceCore

/// The right to be the one run of a folder: an flock(2), which the kernel releases when its holder ends in whatever
/// way. The file's text says who that is.
final class RunLock: Sendable {
    private let descriptor: CInt

    /// - Throws: `heldByAnother` with the holder's own words.
    init(path: String, holder: String) throws(CoordinationTrouble) {
        // Not inherited by child processes, which would hold the lock past the end of this one.
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard opened >= 0 else { throw .unavailable("\(path): \(String(systemError: errno))") }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let other = Self.text(of: opened)
            Glibc.close(opened)
            guard code == EWOULDBLOCK else { throw .unavailable("\(path): \(String(systemError: code))") }
            throw .heldByAnother(other.isEmpty ? "another process" : other)
        }
        descriptor = opened
        let text = Array(holder.utf8)
        // The text only informs: where the disk is full, the lock holds all the same.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    deinit {
        // Closing is not enough at once: while another thread starts a program, the child has a copy of the descriptor
        // until it becomes that program.
        _ = flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
    }

    private static func text(of descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
