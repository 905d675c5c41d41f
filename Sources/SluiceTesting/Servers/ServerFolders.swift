import Foundation
import Glibc

/// Folders of servers for tests, one tree per process: `sluice-tests-<process>/<kind>-<number>` in the temporary folder.
enum ServerFolders {
    private static let prefix = "sluice-tests-"

    /// This process's tree. What processes that are gone left behind is deleted on the way.
    private static let root: String = {
        let files = FileManager.default
        let base = files.temporaryDirectory.path
        for name in (try? files.contentsOfDirectory(atPath: base)) ?? [] where name.hasPrefix(prefix) {
            guard let process = pid_t(name.dropFirst(prefix.count)), Glibc.kill(process, 0) == -1, errno == ESRCH
            else { continue }
            try? files.removeItem(atPath: "\(base)/\(name)")
        }
        return "\(base)/\(prefix)\(getpid())"
    }()

    static func make(_ kind: String) throws -> String {
        let folder = "\(root)/\(kind)-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }
}
