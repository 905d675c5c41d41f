internal import Glibc
internal import SluiceCore

/// A call of the operating system that failed: what was being done to which file, and the system's reason.
struct DiskFault: Error {
    let code: Int32
    /// What was not done, with the path: `write /lake/rides/v1/date=2024-05-01/_part-…`.
    let action: String

    init(_ action: String, code: Int32 = errno) {
        self.code = code
        self.action = action
    }

    var reason: String { "cannot \(action): \(String(cString: strerror(code)))" }

    /// The same in a sink's terms: who can mend it decides.
    var sinkTrouble: SinkTrouble {
        switch code {
        case ENOSPC, EDQUOT:
            .overloaded("no space: \(reason); free some, or raise the quota, on that file system")
        case EMFILE, ENFILE, ENOMEM:
            .overloaded("\(reason); raise the limit of open files or of memory of this process")
        case EACCES, EPERM, EROFS:
            .misconfigured("\(reason); give this process the right to write there")
        case ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG:
            .misconfigured("\(reason); below the sink's `path` only plain folders and files may stand")
        default:
            .unreachable(reason)
        }
    }
}
