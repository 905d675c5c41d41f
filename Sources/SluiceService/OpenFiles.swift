internal import Glibc

/// How many files and connections this process may have open.
enum OpenFiles {
    /// Raises the limit to what the system allows: every stream of every sink keeps some files open, and the customary
    /// 1,024 are of an age that used `select`.
    static func allowMost() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
