import Glibc
import Synchronization

/// The socket of a connection as another thread may hold it: only to end it.
///
/// The number is known here from when the socket opens until just before it closes, and both happen under the lock: so
/// an interruption never meets a number that the system has given to another file since.
final class RedisSocket: Sendable {
    private let descriptor = Mutex<Int32?>(nil)

    func opened(_ descriptor: Int32) { self.descriptor.withLock { $0 = descriptor } }

    func closes() { descriptor.withLock { $0 = nil } }

    /// Ends whatever waits on the socket now; nothing happens while there is none.
    func interrupt() {
        descriptor.withLock { descriptor in
            if let descriptor { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }
}
