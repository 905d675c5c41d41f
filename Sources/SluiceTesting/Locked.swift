internal import Foundation

/// A value behind a lock, for what a test and the code under test both look at.
public final class Locked<Value>: @unchecked Sendable {  // All access is under the lock.
    private let lock = NSLock()
    private var value: Value

    public init(_ value: Value) { self.value = value }

    public func with<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try lock.withLock { try body(&value) }
    }
}

/// Lets other threads go on for a millisecond.
func pause() { Thread.sleep(forTimeInterval: 0.001) }
