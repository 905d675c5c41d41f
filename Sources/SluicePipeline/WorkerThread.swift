internal import Foundation

/// A thread of its own for work that blocks, which the shared pool of Swift's concurrency must not do.
enum WorkerThread {
    /// Runs `body` on a new thread, and returns when it has ended.
    ///
    /// - Parameter name: shown by `top -H`, as far as 15 characters of it.
    static func run(_ name: String, _ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                body()
                continuation.resume()
            }
            thread.name = String(name.prefix(15))
            thread.start()
        }
    }
}
