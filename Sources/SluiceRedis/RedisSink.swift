public import SluiceCore

/// Writes rows into Redis: one hash per entity, replaced if the row is newer, many rows in each script call.
///
/// | key | `<feature>:<version>:{<entity>}` |
/// | --- | --- |
/// | field per column | text, integers and doubles as text; NULL = no field |
/// | `_v` | the row's version |
/// | `_deleted` | `1` in a tombstone, which has no other field but `_v` |
///
/// Two batches may be outstanding: the server works on one while the next is written. A batch is unsettled after any
/// trouble, and the connection is opened anew by the next `write`.
public final class RedisSink: Sink {
    private struct Batch {
        let rows: [Row]
        var verdicts: [SinkVerdict]
        /// Replies that are still to come for it.
        var awaited = 0
    }

    /// What the next reply is for; `batch` counts all batches ever written.
    private enum Awaited {
        case rows(Range<Int>, batch: Int, isResent: Bool)
        case replicas(batch: Int)
    }

    private let configuration: RedisSinkConfiguration
    private let socket = RedisSocket()
    private var connection: RedisConnection?
    /// The name under which the server keeps the script.
    private var scriptHash = ""
    private var templates = RedisRowTemplates()
    private var call = RedisRowCall()
    private var batches: [Batch] = []
    private var firstBatch = 0
    private var awaited: [Awaited] = []

    /// That the server may evict keys, if it may.
    public private(set) var warning: String?

    /// Connects at the first `write`.
    public init(_ configuration: RedisSinkConfiguration) { self.configuration = configuration }

    public let window = 2
    public var settleDue: MonotonicTime? { nil }

    /// Ends a wait for the server by closing the connection. Opening one cannot be interrupted: it ends by itself, at
    /// the latest after the time-out for connecting.
    public var interrupter: SinkInterrupter {
        let socket = socket
        return SinkInterrupter { socket.interrupt() }
    }

    public func write(_ rows: [Row], now: EventTime) throws(SinkTrouble) {
        precondition(batches.count < window, "a batch was written though the window is full")
        let verdicts = rows.map { row in row.isExpired(at: now) ? SinkVerdict.expired : .applied }
        batches.append(Batch(rows: rows, verdicts: verdicts))
        let batch = firstBatch + batches.count - 1
        try forgettingOnTrouble { () throws(RedisError) in
            try send(rows.indices, of: batch, isResent: false)
            if batches[batch - firstBatch].awaited > 0 { try askForReplicas(batch) }
        }
    }

    public func settle(flush: Bool) throws(SinkTrouble) -> [[SinkVerdict]] {
        var settled: [[SinkVerdict]] = []
        while let batch = batches.first, flush || settled.isEmpty {
            if batch.awaited == 0 {
                settled.append(batch.verdicts)
                batches.removeFirst()
                firstBatch += 1
            } else {
                try receive()
            }
        }
        return settled
    }

    public func close() { forget() }

    // MARK: Sending

    /// Sends the rows of a batch that are not expired, in as many calls as their size asks for.
    private func send(_ range: Range<Int>, of batch: Int, isResent: Bool) throws(RedisError) {
        call.removeAll()
        var start = range.lowerBound
        for index in range {
            let row = batches[batch - firstBatch].rows[index]
            if case .expired = batches[batch - firstBatch].verdicts[index] { continue }
            if call.isFull {
                try sendCall(start..<index, of: batch, isResent: isResent)
                start = index
            }
            call.append(row, templates.template(for: row.schema))
        }
        if !call.isEmpty { try sendCall(start..<range.upperBound, of: batch, isResent: isResent) }
    }

    private func sendCall(_ range: Range<Int>, of batch: Int, isResent: Bool) throws(RedisError) {
        let connection = try connected()
        if isResent {
            try call.send("EVAL", Self.script, on: connection)
        } else {
            try call.send("EVALSHA", scriptHash, on: connection)
        }
        call.removeAll()
        awaited.append(.rows(range, batch: batch, isResent: isResent))
        batches[batch - firstBatch].awaited += 1
    }

    /// Has the server tell, once all before is done, how many replicas have it.
    private func askForReplicas(_ batch: Int) throws(RedisError) {
        guard case .replicated(let count) = configuration.durability else { return }
        var buffer = RESPBuffer()
        let patience = max(1, configuration.timeout.nanoseconds / 2_000_000)
        buffer.append(command: ["WAIT", "\(count)", "\(patience)"])
        try connected().send(buffer.bytes)
        awaited.append(.replicas(batch: batch))
        batches[batch - firstBatch].awaited += 1
    }

    // MARK: Receiving

    /// Takes the next reply and notes what it says.
    private func receive() throws(SinkTrouble) {
        let reply = try forgettingOnTrouble { () throws(RedisError) in try connected().receive() }
        switch awaited.removeFirst() {
        case .rows(let range, let batch, let isResent):
            batches[batch - firstBatch].awaited -= 1
            if case .error(let error) = reply, error.code == "NOSCRIPT", !isResent {
                try forgettingOnTrouble { () throws(RedisError) in
                    try send(range, of: batch, isResent: true)
                    try askForReplicas(batch)
                }
            } else {
                try note(reply, for: range, of: batch - firstBatch)
            }
        case .replicas(let batch):
            batches[batch - firstBatch].awaited -= 1
            try check(replicas: reply, isLast: batches[batch - firstBatch].awaited == 0)
        }
    }

    /// Notes the verdicts of one call.
    private func note(_ reply: RedisValue, for range: Range<Int>, of batch: Int) throws(SinkTrouble) {
        var refusals: [SinkVerdict] = []
        let letters: [UInt8]
        switch reply {
        case .text(let text): letters = text
        case .array(let parts):
            guard case .text(let text)? = parts.first else { throw torn() }
            letters = text
            for part in parts.dropFirst() { refusals.append(try refusal(part)) }
        case .error(let error): throw trouble(.reply(error))
        case .null, .integer: throw torn()
        }
        var next = letters.makeIterator()
        var nextRefusal = refusals.makeIterator()
        for index in range {
            if case .expired = batches[batch].verdicts[index] { continue }
            switch next.next() {
            case UInt8(ascii: "a"): batches[batch].verdicts[index] = .applied
            case UInt8(ascii: "s"): batches[batch].verdicts[index] = .stale
            case UInt8(ascii: "d"): batches[batch].verdicts[index] = .duplicate
            case UInt8(ascii: "x"):
                guard let refusal = nextRefusal.next() else { throw torn() }
                batches[batch].verdicts[index] = refusal
            default: throw torn()
            }
        }
        guard next.next() == nil else { throw torn() }
    }

    /// The verdict on a row whose key the script could not read; other errors than one about that key are trouble.
    private func refusal(_ part: RedisValue) throws(SinkTrouble) -> SinkVerdict {
        guard case .error(let error) = part else { throw torn() }
        guard error.code == "WRONGTYPE" else { throw trouble(.reply(error)) }
        return .refused("the key in Redis holds another type than a hash; delete or rename it there")
    }

    /// A batch may have asked several times, when its script was sent again: the last answer covers all.
    private func check(replicas reply: RedisValue, isLast: Bool) throws(SinkTrouble) {
        guard case .replicated(let wanted) = configuration.durability, case .integer(let found) = reply else {
            if case .error(let error) = reply { throw trouble(.reply(error)) }
            throw torn()
        }
        guard isLast, found < wanted else { return }
        forget()
        throw .notDurable("\(configuration.address): \(found) of \(wanted) replicas have the rows")
    }

    // MARK: Connection and trouble

    private func connected() throws(RedisError) -> RedisConnection {
        if let connection { return connection }
        let opened = try RedisConnection(
            to: configuration.address, connectTimeout: configuration.connectTimeout, timeout: configuration.timeout,
            socket: socket)
        let replies = try opened.call([["SCRIPT", "LOAD", Self.script], ["INFO", "cluster"], ["INFO", "memory"]])
        if case .error(let error) = replies[0] { throw .reply(error) }
        // A user who may not ask for INFO learns of a cluster by its first `MOVED`.
        if replies[1].string?.contains("cluster_enabled:1") == true {
            throw .reply(RedisErrorReply(text: "MOVED cluster_enabled:1"))
        }
        guard let hash = replies[0].string else { throw .connection("\(configuration.address): a torn reply") }
        warning = replies[2].string.flatMap(evictionWarning)
        scriptHash = hash
        connection = opened
        return opened
    }

    /// What to say of a server that may evict keys: an entity that is evicted loses its version, and then an older row
    /// of it counts as new.
    private func evictionWarning(_ memory: String) -> String? {
        let fields = memory.split(whereSeparator: \.isNewline)
        func field(_ name: String) -> Substring? {
            fields.first { $0.hasPrefix(name + ":") }?.dropFirst(name.utf8.count + 1)
        }
        guard let policy = field("maxmemory_policy"), policy != "noeviction", field("maxmemory") != "0" else {
            return nil
        }
        return
            "\(configuration.address) evicts keys when its memory is full (maxmemory-policy \(policy)), and eviction "
            + "revives old rows; set it to noeviction"
    }

    private func forgettingOnTrouble<Result>(
        _ body: () throws(RedisError) -> Result
    ) throws(SinkTrouble) -> Result {
        do {
            return try body()
        } catch {
            throw trouble(error)
        }
    }

    /// Forgets what is outstanding, and gives what to throw.
    private func trouble(_ error: RedisError) -> SinkTrouble {
        forget()
        return SinkTrouble(error, at: configuration.address)
    }

    private func torn() -> SinkTrouble { trouble(.connection("\(configuration.address): a torn reply")) }

    private func forget() {
        connection = nil
        firstBatch += batches.count
        batches.removeAll()
        awaited.removeAll()
    }
}
