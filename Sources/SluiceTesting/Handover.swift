import Synchronization

/// Hands one value from one thread of a test to another that waits for it.
public final class Handover<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    public init() {}

    public func give(_ value: Value) { self.value.withLock { $0 = value } }

    /// Waits, blocking, until the value is there.
    public func take() throws -> Value {
        try waitUntil("a value is handed over") { value.withLock { $0 != nil } }
        return value.withLock { $0! }
    }
}
