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

    var reason: String { "cannot \(action): \(String(systemError: code))" }

    /// Whether nothing stands at the path.
    var isAbsence: Bool { code == ENOENT || code == ENOTDIR }

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

    /// The same in a source's terms, which tries it again whatever it is.
    var sourceTrouble: SourceTrouble {
        switch code {
        case EMFILE, ENFILE, ENOMEM:
            .unreachable("\(reason); raise the limit of open files or of memory of this process")
        case EACCES, EPERM:
            .unreachable("\(reason); give this process the right to read there")
        default:
            .unreachable(reason)
        }
    }
}

/// Does something on the disk; its faults are the stream's trouble.
func reading<Result: ~Copyable>(_ body: () throws(DiskFault) -> Result) throws(SourceTrouble) -> Result {
    do throws(DiskFault) { return try body() } catch { throw error.sourceTrouble }
}
