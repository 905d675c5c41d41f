import Foundation

/// Runs a body that blocks on a thread of its own, so that the shared pool of the test's process never blocks.
///
/// Sinks and C clients want all calls on one thread: the whole body is run on one.
public func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Swift.Result { try body() }) }
        thread.stackSize = 4 << 20
        thread.start()
    }
}

/// Waits, blocking, until a condition holds; throws `WaitedInVain` when it does not within the bound.
public func waitUntil(
    _ condition: String, within bound: Duration = .seconds(15), _ holds: () throws -> Bool
) throws {
    let clock = ContinuousClock()
    let end = clock.now + bound
    while try !holds() {
        guard clock.now < end else { throw WaitedInVain(condition: condition, bound: bound) }
        Thread.sleep(forTimeInterval: 0.005)
    }
}

/// A condition that a test waited for did not come true in time.
public struct WaitedInVain: Error, CustomStringConvertible {
    public let condition: String
    public let bound: Duration

    public var description: String { "waited \(bound) in vain until \(condition)" }
}
