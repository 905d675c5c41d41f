import Foundation

/// A folder for a test, deleted with its value.
///
/// All folders of a process stand in one tree, `sluice-tests-<process>`; what processes that are gone have left behind
/// is deleted on the way, since a test that is killed deletes nothing.
public final class TemporaryFolder: Sendable {
    public let path: String

    private static let prefix = "sluice-tests-"

    private static let root: String = {
        let (files, base) = (FileManager.default, FileManager.default.temporaryDirectory.path)
        for name in (try? files.contentsOfDirectory(atPath: base)) ?? [] where name.hasPrefix(prefix) {
            guard let process = pid_t(name.dropFirst(prefix.count)), kill(process, 0) == -1, errno == ESRCH
            else { continue }
            try? files.removeItem(atPath: "\(base)/\(name)")
        }
        return "\(base)/\(prefix)\(getpid())"
    }()

    /// - Parameter kind: what the folder is for, for whoever looks.
    public init(_ kind: String = "folder") throws {
        path = "\(Self.root)/\(kind)-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Every file in it, relative, sorted.
    public var files: [String] { Self.files(below: path) }

    /// Every file below a folder, relative, sorted.
    public static func files(below path: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        var isFolder = ObjCBool(false)
        return all.filter {
            FileManager.default.fileExists(atPath: "\(path)/\($0)", isDirectory: &isFolder) && !isFolder.boolValue
        }.sorted()
    }
}
