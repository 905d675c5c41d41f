internal import CLinux
internal import Glibc

/// An open folder, from which everything below it is reached one name at a time and never through a symbolic link, so
/// that nobody who may write there leads us elsewhere. `path` is for messages only.
struct Folder: ~Copyable {
    private let descriptor: Int32
    let path: String

    deinit { close(descriptor) }

    /// The folder at a path of the operator's choice, in which symbolic links are followed. `nil` if it is not there.
    static func existing(_ path: String) throws(DiskFault) -> Folder? {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor >= 0 { return Folder(descriptor: descriptor, path: path) }
        if errno == ENOENT { return nil }
        throw DiskFault("open the folder \(path)")
    }

    /// The same, made with its parents where it is missing.
    static func made(_ path: String) throws(DiskFault) -> Folder {
        if let folder = try existing(path) { return folder }
        let parent = parent(of: path)
        let folder = try made(parent)
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw DiskFault("make the folder \(path)") }
        try folder.sync()
        guard let made = try existing(path) else { throw DiskFault("open the folder \(path)", code: ENOENT) }
        return made
    }

    /// The folder below, through the names given; `nil` if one is missing.
    func folder(_ names: [String]) throws(DiskFault) -> Folder? { try descend(names, make: false) }

    /// The folder below, through the names given, made where it is missing. That it is there is durable only when each
    /// parent has been synced.
    func makeFolder(_ names: [String]) throws(DiskFault) -> Folder {
        guard let folder = try descend(names, make: true) else {
            throw DiskFault("open \(path)/\(names.joined(separator: "/"))", code: ENOENT)
        }
        return folder
    }

    /// A new file, to be appended to and read; someone else's of that name is an error.
    func create(_ name: String) throws(DiskFault) -> OpenFile {
        try open(name, O_RDWR | O_APPEND | O_CREAT | O_EXCL)
    }

    /// A file to append to, made if it is missing.
    func openToAppend(_ name: String) throws(DiskFault) -> OpenFile {
        try open(name, O_RDWR | O_APPEND | O_CREAT)
    }

    /// A file to read; `nil` if it is missing.
    func openToRead(_ name: String) throws(DiskFault) -> OpenFile? {
        do throws(DiskFault) { return try open(name, O_RDONLY) } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    func rename(_ name: String, to newName: String) throws(DiskFault) {
        guard renameat(descriptor, name, descriptor, newName) == 0 else {
            throw DiskFault("rename \(path)/\(name) to \(newName)")
        }
    }

    /// Removes a file; one that is missing is as good as removed.
    func remove(_ name: String) throws(DiskFault) {
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else { throw DiskFault("remove \(path)/\(name)") }
    }

    /// Makes it durable which files stand in the folder, and under which names.
    func sync() throws(DiskFault) {
        guard fsync(descriptor) == 0 else { throw DiskFault("sync the folder \(path)") }
    }

    /// Makes all that was written to the folder's file system durable, files that are closed again included; an error
    /// in any of it since the folder was opened is reported (by Linux 5.8 and later).
    func syncFileSystem() throws(DiskFault) {
        guard syncfs(descriptor) == 0 else { throw DiskFault("sync the file system of \(path)") }
    }

    /// What the file system says of what stands under a name; `nil` if nothing does, or none may look at it.
    func status(of name: String, followingLinks: Bool = false) -> FileStatus? {
        var status = stat()
        guard fstatat(descriptor, name, &status, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return FileStatus(status)
    }

    /// The names of what stands in the folder, in no order, as text. A name that is not UTF-8 is not one of ours.
    func texts() throws(DiskFault) -> [String] { try names().compactMap { String(validating: $0, as: UTF8.self) } }

    /// The names of what stands in the folder, in no order, as the file system has them: bytes.
    func names() throws(DiskFault) -> [[UInt8]] {
        // A descriptor of its own, since the listing has a place in it and ends by closing it.
        let own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { throw DiskFault("list the folder \(path)") }
        guard let listing = fdopendir(own) else {
            let fault = DiskFault("list the folder \(path)")
            close(own)
            throw fault
        }
        defer { closedir(listing) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(listing) else {
                if errno != 0 { throw DiskFault("list the folder \(path)") }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [UInt8(ascii: ".")], name != [UInt8(ascii: "."), UInt8(ascii: ".")] { names.append(name) }
        }
    }

    private func open(_ name: String, _ flags: Int32) throws(DiskFault) -> OpenFile {
        let file = openat(descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw DiskFault("open \(path)/\(name)") }
        return OpenFile(descriptor: file, path: "\(path)/\(name)")
    }

    private func descend(_ names: [String], make: Bool) throws(DiskFault) -> Folder? {
        var path = path
        var current = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard current >= 0 else { throw DiskFault("open the folder \(path)") }
        for name in names {
            path += "/" + name
            if make, mkdirat(current, name, 0o777) != 0, errno != EEXIST {
                let fault = DiskFault("make the folder \(path)")
                close(current)
                throw fault
            }
            let next = openat(current, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let fault = next < 0 ? DiskFault("open the folder \(path)") : nil
            close(current)
            if let fault {
                if fault.code == ENOENT, !make { return nil }
                throw fault
            }
            current = next
        }
        return Folder(descriptor: current, path: path)
    }

    private static func parent(of path: String) -> String {
        var bytes = Array(path.utf8)
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
    }
}
