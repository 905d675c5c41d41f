internal import Glibc
public import SluiceCore

/// A value that threads share, and a way to wait until it has changed. Sections are short and never suspend.
///
/// `Synchronization.Mutex` has no condition to wait for; hence pthreads.
public final class Monitor<Value: Sendable>: @unchecked Sendable {  // All access is under the mutex.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value

    public init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Reads or changes the value, and wakes whoever waits.
    public func change<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(condition)
            pthread_mutex_unlock(mutex)
        }
        return try body(&value)
    }

    /// Reads the value.
    public func read<Result>(_ body: (Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(value)
    }

    /// Asks for a decision, and waits for the next change while it is to wait; the value may change in the asking.
    ///
    /// - Parameter decide: returns a result, or when to ask again at the latest.
    public func decide<Result>(_ decide: (inout Value) -> Decision<Result>) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            switch decide(&value) {
            case .now(let result): return result
            case .later(nil): pthread_cond_wait(condition, mutex)
            case .later(let time?):
                var timeout = timespec(
                    tv_sec: Int(time.nanoseconds / 1_000_000_000), tv_nsec: Int(time.nanoseconds % 1_000_000_000))
                pthread_cond_timedwait(condition, mutex, &timeout)
            }
        }
    }

    /// What `decide` answers.
    public enum Decision<Result> {
        case now(Result)
        case later(MonotonicTime?)
    }
}
