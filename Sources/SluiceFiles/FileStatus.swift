internal import Glibc

/// What the file system says of a file; any difference means that it is worth a look.
struct FileStatus: Hashable {
    var inode: UInt64
    var size: UInt64
    /// When its content, and when anything of it, last changed, in nanoseconds.
    var modified: Int64
    var changed: Int64
    var isRegular: Bool
    var isFolder: Bool
    var isLink: Bool

    init(_ status: stat) {
        inode = UInt64(status.st_ino)
        size = UInt64(max(0, status.st_size))
        modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        changed = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        isLink = status.st_mode & S_IFMT == S_IFLNK
    }

    /// That of what a path leads to; `nil` if nothing is there.
    init?(path: String) throws(DiskFault) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let fault = DiskFault("look at \(path)")
            if fault.isAbsence { return nil }
            throw fault
        }
        self.init(status)
    }
}
