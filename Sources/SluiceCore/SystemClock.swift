internal import Glibc

// The one place that reads the system's clocks. What decides is handed its times, so that tests and simulations can make
// them up: SluiceDecisions never calls these.

extension MonotonicTime {
    /// The time on the system's monotonic clock.
    public static var now: MonotonicTime {
        let time = read(CLOCK_MONOTONIC)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

extension EventTime {
    /// The time on the system's wall clock.
    public static var now: EventTime {
        let time = read(CLOCK_REALTIME)
        return EventTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

private func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    let result = clock_gettime(clock, &time)
    precondition(result == 0, "every Linux has the clocks that POSIX names")
    return time
}
