internal import CLinux
internal import Glibc

/// An open file; it is closed when the value ends. `path` is for messages only.
struct OpenFile: ~Copyable {
    private let descriptor: Int32
    let path: String

    /// Takes over a descriptor.
    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// The file at a path, to be read; `nil` if nothing is there (any more). What is no file opens too, without waiting
    /// for another end.
    static func existing(_ path: String) throws(DiskFault) -> OpenFile? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor >= 0 { return OpenFile(descriptor: descriptor, path: path) }
        let fault = DiskFault("open \(path)")
        if fault.isAbsence { return nil }
        throw fault
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(DiskFault) {
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            if count < 0 {
                if errno == EINTR { continue }
                throw DiskFault("write \(path)")
            }
            written += count
        }
    }

    func write(_ bytes: [UInt8]) throws(DiskFault) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(DiskFault) in try write(UnsafeRawBufferPointer(bytes)) }
    }

    /// Fills a buffer from a place in the file; fewer bytes than the buffer has mean the file's present end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskFault) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(filled))
            if count == 0 { break }
            if count > 0 {
                filled += count
            } else if errno != EINTR {
                throw DiskFault("read \(path)")
            }
        }
        return filled
    }

    /// Up to `count` bytes from `offset` on, in an array that has room for `spare` more.
    func bytes(at offset: UInt64, count: Int, spare: Int = 0) throws(DiskFault) -> [UInt8] {
        var fault: DiskFault?
        let bytes = [UInt8](unsafeUninitializedCapacity: count + spare) { buffer, filled in
            let target = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count])
            do throws(DiskFault) { filled = try read(into: target, at: offset) } catch { fault = error }
        }
        if let fault { throw fault }
        return bytes
    }

    /// Lends the file from its beginning to its present end, in pieces of 256 KiB.
    func forEachPiece<Failure: Error>(
        onFault: (DiskFault) -> Failure, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 1)
        defer { buffer.deallocate() }
        var offset: UInt64 = 0
        while true {
            let count: Int
            do throws(DiskFault) { count = try read(into: buffer, at: offset) } catch { throw onFault(error) }
            if count > 0 { try body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            guard count == buffer.count else { return }
            offset += UInt64(count)
        }
    }

    func status() throws(DiskFault) -> FileStatus { FileStatus(try systemStatus()) }

    /// What tells the file from every other one: its inode, and the time at which it was made where that is known, since
    /// a file system gives the inode of a deleted file to another one.
    func number() throws(DiskFault) -> UInt64 {
        UInt64(try systemStatus().st_ino) ^ UInt64(bitPattern: clinux_birth_time(descriptor)) &* 0x9e37_79b9_7f4a_7c15
    }

    /// Whether no folder names the file any more.
    func isUnlinked() throws(DiskFault) -> Bool { try systemStatus().st_nlink == 0 }

    /// Makes content and size durable. After a failure the file must be abandoned: the system reports an error once
    /// and forgets which pages it lost, so a second call may succeed though nothing was saved.
    func sync() throws(DiskFault) {
        guard fsync(descriptor) == 0 else { throw DiskFault("sync \(path)") }
    }

    /// `sync` without the times of the file.
    func syncData() throws(DiskFault) {
        guard fdatasync(descriptor) == 0 else { throw DiskFault("sync \(path)") }
    }

    /// Locks the file against everyone else who locks it, until `unlock`, or the end of the process; `false` if someone
    /// has.
    func lock() throws(DiskFault) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            if errno != EINTR { throw DiskFault("lock \(path)") }
        }
        return true
    }

    /// Lets go of the lock. Closing the file is not enough at once: while another thread starts a program, the child has
    /// a copy of the descriptor until it becomes that program.
    func unlock() { _ = flock(descriptor, LOCK_UN) }

    private func systemStatus() throws(DiskFault) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DiskFault("look at \(path)") }
        return status
    }
}
