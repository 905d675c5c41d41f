import Foundation

/// Runs a body that blocks on a thread of its own, so that the shared pool of the test's process never blocks.
///
/// Sinks and C clients want all calls on one thread: the whole body is run on one.
public func onThread<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
        let thread = Thread {
            do throws(Failure) {
                continuation.resume(returning: .success(try body()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        thread.stackSize = 4 << 20
        thread.start()
    }
    return try result.get()
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
