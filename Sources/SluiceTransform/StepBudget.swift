internal import Glibc

/// What the evaluation of one record may take: steps of SQLite's machine, bytes read of the record, and, as a last
/// resort, processor time, which unlike the others may differ from run to run.
final class StepBudget {
    /// Steps between two looks at the budget.
    static let interval = 1000
    static let steps = 4_000_000
    static let bytes = 64 << 20
    static let processorTime = Duration.milliseconds(200)

    private var intervals = 0
    private var bytesRead = 0
    private var started: Duration?

    /// A record begins.
    func begin() {
        intervals = 0
        bytesRead = 0
        started = nil
    }

    /// Takes note of text that is read; `false` when it is too much.
    func read(_ bytes: Int) -> Bool {
        bytesRead += bytes
        return bytesRead <= Self.bytes
    }

    /// Another interval has passed.
    func mayGoOn() -> Bool {
        intervals += 1
        let now = processorTimeOfThread()
        // Most records end within one interval, and do not pay for the clock at their beginning.
        guard let started else {
            started = now
            return true
        }
        return intervals * Self.interval <= Self.steps && now - started < Self.processorTime
    }

    /// Does what is not SQLite's work, and so not on the budget.
    func excluding(_ body: () -> Void) {
        guard let started else { return body() }
        let paused = processorTimeOfThread()
        body()
        self.started = started + (processorTimeOfThread() - paused)
    }

    private func processorTimeOfThread() -> Duration {
        var time = timespec()
        let result = clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        precondition(result == 0, "Linux has a clock per thread")
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
