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

    /// Reads what is there, at most the buffer's length; 0 at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DiskFault) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw DiskFault("read \(path)") }
        }
    }

    /// All bytes from an offset to the end.
    func bytes(from offset: Int) throws(DiskFault) -> [UInt8] {
        try seek(to: offset)
        let length = max(0, try size() - offset)
        var fault: DiskFault?
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, filled in
            do throws(DiskFault) {
                while filled < length {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                    let count = try read(into: rest)
                    if count == 0 { break }
                    filled += count
                }
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        return bytes
    }

    func seek(to offset: Int) throws(DiskFault) {
        guard lseek(descriptor, offset, SEEK_SET) >= 0 else { throw DiskFault("seek in \(path)") }
    }

    func size() throws(DiskFault) -> Int { try status().st_size }

    /// Whether no folder names the file any more.
    func isUnlinked() throws(DiskFault) -> Bool { try status().st_nlink == 0 }

    /// Makes content and size durable. After a failure the file must be abandoned: the system reports an error once
    /// and forgets which pages it lost, so a second call may succeed though nothing was saved.
    func sync() throws(DiskFault) {
        guard fsync(descriptor) == 0 else { throw DiskFault("sync \(path)") }
    }

    /// `sync` without the times of the file.
    func syncData() throws(DiskFault) {
        guard fdatasync(descriptor) == 0 else { throw DiskFault("sync \(path)") }
    }

    /// Locks the file against everyone else who locks it, until it is closed; `false` if someone has.
    func lock() throws(DiskFault) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            if errno != EINTR { throw DiskFault("lock \(path)") }
        }
        return true
    }

    private func status() throws(DiskFault) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DiskFault("look at \(path)") }
        return status
    }
}
