/// A destination of rows: what each kind of store implements, and all that the gateway knows of it.
///
/// A sink writes a row only if its version is greater than the one it holds, tells what became of each, and can be
/// told any row again. Batches are written in order and settle in order; a sink may let several be outstanding, up to
/// `window`, which overlaps its work with ours.
///
/// All calls are made on the one thread that made the sink, except through `interrupter`. They may block, within the
/// sink's own time-outs.
///
/// **After a thrown `SinkTrouble` every outstanding batch is unsettled**, whether it was applied or not: the sink has
/// forgotten it, and the gateway writes it again, later; a sink that lost its connection opens it anew by itself.
public protocol Sink: AnyObject {
    /// Most batches that may be written and not yet settled; at least 1.
    var window: Int { get }

    /// When `settle(flush: false)` has something to do at the latest, though no batch is written any more: a file sink
    /// closes its segments by age. `nil` for sinks that settle as soon as they are asked.
    var settleDue: MonotonicTime? { get }

    /// What an operator should know of the store though rows can be written, as of the last connection.
    var warning: String? { get }

    /// Interrupts a call that blocks on another thread; that call then throws `.unreachable`.
    var interrupter: SinkInterrupter { get }

    /// Hands over a batch: 1 to `batch.rows` rows, of any of the sink's feature versions and lanes, perhaps several of
    /// one entity.
    ///
    /// - Parameter now: the wall clock, by which rows are expired on arrival.
    func write(_ rows: [Row], now: EventTime) throws(SinkTrouble)

    /// The verdicts, in order, of the oldest outstanding batches that are final: one array per batch, one verdict per
    /// row. A sink that answers each batch waits for the oldest one's answer; one that settles by age answers with an
    /// empty array until something is due.
    ///
    /// - Parameter flush: settle everything outstanding now.
    func settle(flush: Bool) throws(SinkTrouble) -> [[SinkVerdict]]

    /// Lets go of connections and files. Outstanding batches stay unsettled.
    func close()
}

extension Sink {
    /// None, for stores that have nothing to warn of.
    public var warning: String? { nil }
}

/// Why a batch could not be settled. It says nothing of the rows: except for `batchRefused`, they are written again
/// until they are settled.
public enum SinkTrouble: Error, Sendable, Hashable {
    /// No connection, a connection reset, a time-out, a torn reply.
    case unreachable(String)
    /// The store says that it has too much to do or no room: `OOM`, `LOADING`, `BUSY`, no primary, a full disk.
    case overloaded(String)
    /// The store took the rows, but not with the promised durability.
    case notDurable(String)
    /// The store will not let us: credentials, rights, a key of the wrong type. Tried again, since a person mends it
    /// there.
    case misconfigured(String)
    /// An outstanding batch cannot be taken as a whole, because of what is in it. The gateway writes batches one at a
    /// time until it knows which, and halves that one until the row is found.
    case batchRefused(String)

    /// What happened, in words, without values or secrets.
    public var reason: String {
        switch self {
        case .unreachable(let reason), .overloaded(let reason), .notDurable(let reason), .misconfigured(let reason),
            .batchRefused(let reason):
            reason
        }
    }
}

/// What another thread may hold of a sink, to end a wait in it.
public struct SinkInterrupter: Sendable {
    private let action: @Sendable () -> Void

    public init(_ action: @escaping @Sendable () -> Void) { self.action = action }

    public func interrupt() { action() }
}
