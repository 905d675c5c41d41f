internal import Glibc
internal import SluiceCore

/// An open file that is only read; closed with its owner.
struct FileSourceDescriptor: ~Copyable {
    private let number: CInt

    /// `nil` where no such file exists (any more).
    init?(path: String) throws(SourceTrouble) {
        number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if number >= 0 { return }
        let code = errno
        switch code {
        case ENOENT, ENOTDIR: return nil
        case EMFILE, ENFILE:
            throw .unreachable("\(path): too many open files; raise the limit of the process (ulimit -n)")
        default: throw .unreachable("\(path): \(FileSourceDescriptor.describe(errno: code))")
        }
    }

    deinit {
        if number >= 0 { close(number) }
    }

    func status() throws(SourceTrouble) -> FileSourceStatus {
        var status = stat()
        guard fstat(number, &status) == 0 else {
            throw .unreachable("fstat: \(FileSourceDescriptor.describe(errno: errno))")
        }
        return FileSourceStatus(status)
    }

    /// Fills a buffer from a place in the file; fewer bytes than the buffer has mean the file's present end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SourceTrouble) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = pread(number, rest.baseAddress, rest.count, off_t(offset) + off_t(filled))
            if count > 0 {
                filled += count
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw .unreachable("pread: \(FileSourceDescriptor.describe(errno: errno))")
            }
        }
        return filled
    }

    /// The file's first bytes, as many as tell it from others.
    func prefix() throws(SourceTrouble) -> [UInt8] {
        try bytes(at: 0, count: FileSighting.prefixLimit)
    }

    /// Up to `count` bytes from `offset` on, in an array that has room for `spare` more.
    func bytes(at offset: UInt64, count: Int, spare: Int = 0) throws(SourceTrouble) -> [UInt8] {
        var trouble: SourceTrouble?
        let bytes = [UInt8](unsafeUninitializedCapacity: count + spare) { buffer, filled in
            let target = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count])
            do throws(SourceTrouble) {
                filled = try read(into: target, at: offset)
            } catch {
                trouble = error
            }
        }
        if let trouble { throw trouble }
        return bytes
    }
}

extension FileSourceDescriptor {
    /// What an error number means, in the C library's words.
    static func describe(errno code: CInt) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard strerror_r(code, buffer.baseAddress!, buffer.count) == 0 else { return "error \(code)" }
            return String(cString: buffer.baseAddress!)
        }
    }
}

/// What the file system says of a file; any difference means that it is worth a look.
struct FileSourceStatus: Hashable {
    var inode: UInt64
    var size: UInt64
    /// When its content, and when anything of it, last changed, in nanoseconds.
    var modified: Int64
    var changed: Int64
    var isRegular: Bool
    var isFolder: Bool

    init(_ status: stat) {
        inode = UInt64(status.st_ino)
        size = UInt64(max(0, status.st_size))
        modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        changed = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isFolder = status.st_mode & S_IFMT == S_IFDIR
    }
}
