internal import SluiceCore
internal import SluiceDecisions
internal import SluiceTransform

/// One lane as its reader thread keeps it: the open stream, the compiled SQL, and what could not yet be handed on.
///
/// Both are opened with the first read, so that a lane that is idle costs little.
struct LaneReader {
    let plan: GatewayPlan.Lane
    private(set) var source: (any Source)?
    private var compiled: CompiledTransform?
    /// How many records it takes at a time.
    private(set) var appetite = Appetite()
    private var backoff = Backoff(seed: .random(in: 0...UInt64.max))
    /// Until when the lane rests after trouble.
    private var notBefore: MonotonicTime?
    /// What was last said of an empty stream.
    private var notice: String?
    /// What the lane is in trouble with, if it is.
    private(set) var trouble: String?
    /// A batch that was read and could not be transformed yet.
    var untransformed: RecordBatch?
    /// A batch that is transformed, but whose dead letters are not durable yet.
    var unadmitted: Transformed?

    /// A batch of records with what became of it.
    struct Transformed {
        let result: TransformedBatch
        let letters: [DeadLetter]
    }

    init(_ plan: GatewayPlan.Lane) { self.plan = plan }

    /// Whether the lane rests after trouble.
    func rests(at now: MonotonicTime) -> Bool { notBefore.map { $0 > now } ?? false }

    /// Whether everything that is in the stream has been read.
    var isAtEnd: Bool { untransformed == nil && unadmitted == nil && source?.isAtEnd == true }
    /// Parts of the stream that cannot be read, in words.
    var unreadable: [String] { source?.troubles.map(\.reason) ?? [] }

    /// The next records, if there are any: those that could not be transformed first.
    mutating func read(limit: Int) throws(SourceTrouble) -> RecordBatch? {
        if let untransformed { return untransformed }
        let source: any Source
        if let open = self.source {
            source = open
        } else {
            source = try plan.openSource()
            self.source = source
        }
        untransformed = try source.read(limit: limit)
        return untransformed
    }

    /// Makes rows of records. The SQL was compiled when the configuration was checked, so it compiles here.
    mutating func transform(
        _ records: RecordBatch, now: EventTime, maxFutureSkew: Duration
    ) throws(TransformFailure) -> TransformedBatch {
        let transform: CompiledTransform
        if let compiled {
            transform = compiled
        } else {
            do throws(TransformErrors) {
                transform = try CompiledTransform(plan.definition)
            } catch {
                preconditionFailure("the SQL of \(plan.stream) was checked before it is run: \(error)")
            }
            compiled = transform
        }
        let started = MonotonicTime.now
        let result = try transform.apply(records, lane: plan.stream.lane, now: now, maxFutureSkew: maxFutureSkew)
        appetite.took(.now - started, bytes: result.rows.byteCount)
        return result
    }

    /// Why there is nothing to read, if that is to be said and was not said before.
    mutating func newNotice() -> String? {
        defer { notice = source?.notice }
        return source?.notice == notice ? nil : source?.notice
    }

    /// Takes note of trouble; returns whether it is another one than before.
    mutating func failed(_ reason: String, now: MonotonicTime) -> Bool {
        notBefore = backoff.failed(now: now)
        defer { trouble = reason }
        return trouble != reason
    }

    /// Takes note that all is well, if it is; returns whether it was not before.
    mutating func recovered() -> Bool {
        guard trouble != nil, source?.troubles.isEmpty ?? true else { return false }
        backoff.succeeded()
        notBefore = nil
        trouble = nil
        return true
    }

    func close() { source?.close() }
}
