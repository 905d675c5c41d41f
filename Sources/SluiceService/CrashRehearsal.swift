internal import Glibc
public import SluiceCore
internal import Synchronization

/// Ends the process as `kill -9` would at a named instant, so that a test can prove that nothing is lost there.
///
/// Asked for by the environment variable `SLUICE_CRASH_AT`: a name of `FaultPoint`, perhaps with how often it is passed
/// before, as in `afterWrite:7`.
public enum CrashRehearsal {
    /// The variable's name.
    public static let variable = "SLUICE_CRASH_AT"

    /// The hook that the variable asks for: none where it is not set; `nil` where its value names no fault point.
    public static func hook(_ value: String?) -> FaultHook? {
        guard let value else { return FaultHook.none }
        let parts = value.split(separator: ":", maxSplits: 1)
        guard let name = parts.first, let point = FaultPoint(rawValue: String(name)) else { return nil }
        guard let passes = parts.count == 2 ? Int(parts[1]) : 0, passes >= 0 else { return nil }
        let left = Atomic(passes)
        return FaultHook { reached in
            guard reached == point, left.subtract(1, ordering: .relaxed).oldValue == 0 else { return }
            kill(getpid(), SIGKILL)
        }
    }
}
