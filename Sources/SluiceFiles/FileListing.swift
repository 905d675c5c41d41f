internal import Glibc
internal import SluiceCore

/// The data files that a stream's path stands for now, in order of name.
///
/// A path is a file, a folder (everything in it and in its subfolders, as in `date=2026-01-01/part-0.ndjson`), or a
/// glob(3) pattern of either. Names that begin with `_` or `.` are not data, nor is what such a folder holds, wherever
/// they stand below the stream's root; the root is the folder, or what precedes a pattern's first wildcard. Symbolic
/// links to files are followed, links to folders below the root are not, since they could lead in circles.
struct FileListing {
    struct File {
        /// Relative to the root; a stream of a single file has that file's name here.
        var path: String
        var status: FileSourceStatus
    }

    /// Subfolders nested deeper than this are reported as trouble.
    private static let depthLimit = 32

    /// Where the files' paths begin; it ends with `/` where it is not empty.
    private(set) var root = ""
    private(set) var files: [File] = []
    /// Folders that could not be listed; the others were.
    private(set) var troubles: [SourceTrouble] = []

    /// - Throws: when nothing can be said of the path as a whole.
    init(path: String) throws(SourceTrouble) {
        if let status = try Self.status(of: path) {
            try list(path, status, isPattern: false)
        } else if let wildcard = path.utf8.firstIndex(where: { UInt8(ascii: "*") == $0 || [63, 91].contains($0) }) {
            let slash = path[..<wildcard].lastIndex(of: "/")
            root = slash.map { String(path[...$0]) } ?? ""
            try glob(path)
        }
        files.sort { $0.path < $1.path }
    }

    /// The path by which a file is opened.
    func fullPath(_ path: String) -> String { root + path }

    private mutating func list(_ path: String, _ status: FileSourceStatus, isPattern: Bool) throws(SourceTrouble) {
        if status.isFolder {
            if !isPattern { root = path.hasSuffix("/") ? path : path + "/" }
            let relative = isPattern ? String(path.dropFirst(root.count)) + "/" : ""
            try walk(relative, depth: 0)
        } else if status.isRegular {
            if !isPattern { root = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }
            files.append(File(path: String(path.dropFirst(root.count)), status: status))
        } else if !isPattern {
            throw .unreachable("\(path) is neither a file nor a folder")
        }
    }

    private mutating func glob(_ pattern: String) throws(SourceTrouble) {
        var found = glob_t()
        defer { globfree(&found) }
        let isStop: @convention(c) (UnsafePointer<CChar>?, CInt) -> CInt = { _, code in
            code == ENOENT || code == ENOTDIR ? 0 : 1
        }
        switch Glibc.glob(pattern, GLOB_NOSORT, isStop, &found) {
        case 0: break
        case GLOB_NOMATCH: return
        case GLOB_NOSPACE: throw .unreachable("\(pattern): no memory to list what it matches")
        default: throw .unreachable("\(pattern): a folder on its way cannot be read; grant the right to list it")
        }
        for index in 0..<Int(found.gl_pathc) {
            guard let name = found.gl_pathv[index] else { continue }
            guard let path = String(validatingCString: name) else {
                troubles.append(.unreachable("\(String(cString: name)): the name is not UTF-8; rename the file"))
                continue
            }
            let isData = path.dropFirst(root.count).split(separator: "/").allSatisfy { Self.isData($0.utf8.first) }
            guard isData, let status = try Self.status(of: path) else { continue }
            try list(path, status, isPattern: true)
        }
    }

    /// Lists a folder below the root; `relative` ends with `/` where it is not empty.
    private mutating func walk(_ relative: String, depth: Int) throws(SourceTrouble) {
        let full = root + relative
        guard let folder = opendir(full.isEmpty ? "." : full) else {
            let code = errno
            if code == ENOENT || code == ENOTDIR { return }
            try report("\(full): \(FileSourceDescriptor.describe(errno: code))", depth: depth)
            return
        }
        defer { closedir(folder) }
        var subfolders: [String] = []
        while let entry = try Self.next(in: folder, full) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { ($0[0], String(validatingCString: $0)) }
            }
            guard Self.isData(UInt8(bitPattern: name.0)) else { continue }
            guard let text = name.1 else {
                troubles.append(.unreachable("\(full): a name there is not UTF-8; rename the file"))
                continue
            }
            var status = stat()
            guard fstatat(dirfd(folder), text, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFLNK {
                guard fstatat(dirfd(folder), text, &status, 0) == 0, status.st_mode & S_IFMT == S_IFREG else {
                    continue
                }
            }
            let entryStatus = FileSourceStatus(status)
            if entryStatus.isFolder {
                subfolders.append(relative + text + "/")
            } else if entryStatus.isRegular {
                files.append(File(path: relative + text, status: entryStatus))
            }
        }
        for subfolder in subfolders {
            if depth == Self.depthLimit {
                troubles.append(.unreachable("\(root + subfolder): nested deeper than \(Self.depthLimit) folders"))
            } else {
                try walk(subfolder, depth: depth + 1)
            }
        }
    }

    /// A listing that broke off must not pass for a whole one: what it lacks would seem deleted.
    private static func next(
        in folder: OpaquePointer, _ path: String
    ) throws(SourceTrouble) -> UnsafeMutablePointer<dirent>? {
        errno = 0
        if let entry = readdir(folder) { return entry }
        guard errno == 0 else { throw .unreachable("\(path): \(FileSourceDescriptor.describe(errno: errno))") }
        return nil
    }

    private mutating func report(_ reason: String, depth: Int) throws(SourceTrouble) {
        guard depth > 0 else { throw .unreachable(reason) }
        troubles.append(.unreachable(reason))
    }

    private static func isData(_ first: UInt8?) -> Bool { first != UInt8(ascii: "_") && first != UInt8(ascii: ".") }

    private static func status(of path: String) throws(SourceTrouble) -> FileSourceStatus? {
        var status = stat()
        if stat(path, &status) == 0 { return FileSourceStatus(status) }
        let code = errno
        if code == ENOENT || code == ENOTDIR { return nil }
        throw .unreachable("\(path): \(FileSourceDescriptor.describe(errno: code))")
    }
}
