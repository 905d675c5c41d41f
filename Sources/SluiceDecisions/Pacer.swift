public import SluiceCore

/// Hands out the right to write rows, smoothly: a token bucket that holds at most 50 ms of the rate and starts empty,
/// so that no idleness, restart or change of rate stores a burst.
///
/// A rate below 20/s still gets a bucket of one token.
public struct Pacer: Sendable {
    /// How much of the rate the bucket holds.
    static let bucketSpan: Duration = .milliseconds(50)
    /// How much of the rate one batch may carry.
    static let batchSpan: Duration = .milliseconds(20)

    /// However low the rate, one looks again after this long.
    private static let longestWait: Duration = .seconds(3600)
    /// What a sum of parts of a token may lack of a whole one.
    private static let rounding = 1e-6

    /// `nil` = as fast as the sink takes rows.
    public private(set) var rate: Rate?
    private var tokens = 0.0
    private var refilledAt: MonotonicTime

    public init(rate: Rate?, now: MonotonicTime) {
        self.rate = rate
        refilledAt = now
    }

    /// Whole tokens at hand after the last `refill`.
    public var available: Int { rate == nil ? .max : Int(tokens + Self.rounding) }

    /// The most rows that one batch may carry at this rate; at least 1.
    public var batchLimit: Int {
        guard let rate else { return .max }
        return max(1, Int(rate.rowsPerSecond * Self.batchSpan.inSeconds))
    }

    /// Adds what the time since the last refill earned.
    public mutating func refill(now: MonotonicTime) {
        guard now > refilledAt else { return }
        if let rate {
            tokens = min(tokens + rate.rowsPerSecond * (now - refilledAt).inSeconds, Self.capacity(at: rate))
        }
        refilledAt = now
    }

    /// Takes tokens that are at hand.
    public mutating func spend(_ count: Int) {
        guard rate != nil else { return }
        precondition(count <= available, "tokens are spent only when they are at hand")
        tokens -= Double(count)
    }

    /// When so many tokens will be at hand, never more than the bucket holds; `nil` = never, at a rate of 0.
    public func time(untilAvailable count: Int) -> MonotonicTime? {
        guard let rate else { return refilledAt }
        let missing = min(Double(count), Self.capacity(at: rate).rounded(.down)) - tokens
        if missing <= 0 { return refilledAt }
        guard rate.rowsPerSecond > 0 else { return nil }
        let seconds = min(missing / rate.rowsPerSecond, Self.longestWait.inSeconds)
        return refilledAt + .nanoseconds(Int64((seconds * 1e9).rounded(.up)))
    }

    /// Sets another rate. Tokens at hand shrink with a lower rate, and never grow with a higher one.
    public mutating func change(to newRate: Rate?, now: MonotonicTime) {
        refill(now: now)
        if let rate, let newRate {
            if newRate < rate { tokens *= newRate.rowsPerSecond / rate.rowsPerSecond }
        } else {
            tokens = 0
        }
        rate = newRate
    }

    private static func capacity(at rate: Rate) -> Double { max(1, rate.rowsPerSecond * bucketSpan.inSeconds) }
}
