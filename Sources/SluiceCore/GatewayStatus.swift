/// What a gateway did since the process started, and what it holds: a snapshot.
public struct GatewayStatus: Sendable, Hashable {
    public struct Lane: Sendable, Hashable {
        public var stream: StreamID
        public var totals: LaneTotals
        /// Rows that wait for tokens.
        public var waitingRows: Int
        /// What is left of the stream; `nil` where that is unknown.
        public var backlog: SourceBacklog?

        public init(stream: StreamID, totals: LaneTotals, waitingRows: Int, backlog: SourceBacklog?) {
            self.stream = stream
            self.totals = totals
            self.waitingRows = waitingRows
            self.backlog = backlog
        }
    }

    public var sink: String
    public var lanes: [Lane]
    /// Rows handed to the sink and not yet settled.
    public var outstandingRows: Int
    /// Failures of the sink in a row; 0 while it is well.
    public var failures: Int
    /// What the sink is in trouble with, if it is.
    public var trouble: String?

    public init(sink: String, lanes: [Lane], outstandingRows: Int, failures: Int, trouble: String?) {
        self.sink = sink
        self.lanes = lanes
        self.outstandingRows = outstandingRows
        self.failures = failures
        self.trouble = trouble
    }
}

/// How much of a stream is behind a sink's cursor and how much there is in all, in bytes as stored.
public struct SourceBacklog: Sendable, Hashable {
    public var settledBytes: UInt64
    public var totalBytes: UInt64

    public init(settledBytes: UInt64, totalBytes: UInt64) {
        self.settledBytes = settledBytes
        self.totalBytes = totalBytes
    }
}
