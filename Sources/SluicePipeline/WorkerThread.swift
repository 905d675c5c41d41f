internal import Glibc

/// A thread of its own for work that blocks, which the shared pool of Swift's concurrency must not do.
enum WorkerThread {
    /// Runs `body` on a new thread, and returns when it has ended.
    ///
    /// - Parameter name: shown by `top -H`; the first 15 characters are kept.
    static func run(_ name: String, _ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let start = Unmanaged.passRetained(
                Start(name: name) {
                    body()
                    continuation.resume()
                })
            var thread = pthread_t()
            let status = pthread_create(&thread, nil, startThread, start.toOpaque())
            precondition(status == 0, "a thread can be created: \(String(cString: strerror(status)))")
            pthread_detach(thread)
        }
    }
}

private final class Start {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func startThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
    pthread_setname_np(pthread_self(), String(start.name.prefix(15)))
    start.body()
    return nil
}
