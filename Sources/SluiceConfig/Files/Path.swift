/// Paths as text. `.` and `..` are resolved in the text, not in the file system, so that the same file has one name in
/// every message.
enum Path {
    /// The folder part of a path: `config` of `config/sluice.yaml`, `.` of `sluice.yaml`.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func name(of path: String) -> Substring {
        path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    }

    /// `path`, from `folder` if it is relative. A trailing slash goes.
    static func join(_ folder: String, _ path: String) -> String {
        normal(path.hasPrefix("/") ? path : "\(folder)/\(path)")
    }

    private static func normal(_ path: String) -> String {
        let isAbsolute = path.hasPrefix("/")
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if let last = parts.last, last != ".." {
                parts.removeLast()
            } else if !isAbsolute {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return isAbsolute ? "/" + joined : joined.isEmpty ? "." : joined
    }
}
