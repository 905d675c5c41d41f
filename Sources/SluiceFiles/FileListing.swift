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
        var path: FilePath
        var status: FileStatus
    }

    /// Subfolders nested deeper than this are reported as trouble.
    private static let depthLimit = 32
    private static let slash = UInt8(ascii: "/")

    /// Where the files' paths begin; it ends with `/` where it is not empty.
    private(set) var root = ""
    private(set) var files: [File] = []
    /// Folders that could not be listed; the others were.
    private(set) var troubles: [SourceTrouble] = []

    /// - Throws: when nothing can be said of the path as a whole.
    init(path: String) throws(SourceTrouble) {
        if let status = try reading({ () throws(DiskFault) in try FileStatus(path: path) }) {
            try list(path, status, isPattern: false)
        } else if let wildcard = path.utf8.firstIndex(where: Self.isWildcard) {
            root = Self.folder(of: path.utf8[..<wildcard])
            try glob(path)
        }
        files.sort { $0.path < $1.path }
    }

    private mutating func list(_ path: String, _ status: FileStatus, isPattern: Bool) throws(SourceTrouble) {
        if status.isFolder {
            if !isPattern { root = path.utf8.last == Self.slash ? path : path + "/" }
            let relative = isPattern ? belowRoot(path) + "/" : ""
            try reading { () throws(DiskFault) in
                guard let folder = try Folder.existing(path) else { return }
                try walk(folder, relative, depth: 0)
            }
        } else if status.isRegular {
            if !isPattern { root = Self.folder(of: path.utf8[...]) }
            files.append(File(path: FilePath(text: belowRoot(path)), status: status))
        } else if !isPattern {
            throw .unreachable("\(path) is neither a file nor a folder")
        }
    }

    private mutating func glob(_ pattern: String) throws(SourceTrouble) {
        var found = glob_t()
        defer { globfree(&found) }
        let isStop: @convention(c) (UnsafePointer<CChar>?, Int32) -> Int32 = { _, code in
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
            guard belowRoot(path).utf8.split(separator: Self.slash).allSatisfy({ Self.isData($0.first) }) else {
                continue
            }
            let status = try reading { () throws(DiskFault) in try FileStatus(path: path) }
            if let status { try list(path, status, isPattern: true) }
        }
    }

    /// Lists a folder below the root; `relative` ends with `/` where it is not empty. A listing that broke off is thrown
    /// away whole: what it lacks would seem deleted.
    private mutating func walk(_ folder: borrowing Folder, _ relative: String, depth: Int) throws(DiskFault) {
        var subfolders: [String] = []
        for name in try folder.names() {
            guard Self.isData(name.first) else { continue }
            guard let text = String(validating: name, as: UTF8.self) else {
                troubles.append(.unreachable("\(root)\(relative): a name there is not UTF-8; rename the file"))
                continue
            }
            guard let status = folder.status(of: text) else { continue }
            if status.isFolder {
                subfolders.append(text)
            } else if status.isRegular {
                files.append(File(path: FilePath(text: relative + text), status: status))
            } else if status.isLink, let target = folder.status(of: text, followingLinks: true), target.isRegular {
                files.append(File(path: FilePath(text: relative + text), status: target))
            }
        }
        for name in subfolders {
            let path = "\(relative)\(name)/"
            guard depth < Self.depthLimit else {
                troubles.append(.unreachable("\(root)\(path): nested deeper than \(Self.depthLimit) folders"))
                continue
            }
            let found: Folder?
            do throws(DiskFault) { found = try folder.folder([name]) } catch {
                if !error.isAbsence { troubles.append(error.sourceTrouble) }
                continue
            }
            if let found { try walk(found, path, depth: depth + 1) }
        }
    }

    private func belowRoot(_ path: String) -> String {
        String(decoding: path.utf8.dropFirst(root.utf8.count), as: UTF8.self)
    }

    /// A path up to its last `/`, with it.
    private static func folder(of path: Substring.UTF8View) -> String {
        path.lastIndex(of: slash).map { String(decoding: path[...$0], as: UTF8.self) } ?? ""
    }

    private static func isWildcard(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[")
    }

    private static func isData(_ first: UInt8?) -> Bool { first != UInt8(ascii: "_") && first != UInt8(ascii: ".") }
}
