public import SluiceCore
public import SluiceDecisions

/// All that is needed to run one sink's gateway.
public struct GatewayPlan: Sendable {
    /// One stream that the sink is fed from.
    public struct Lane: Sendable {
        public var stream: StreamID
        public var definition: FeatureDefinition
        /// Opens the stream at this sink's cursor. Called on the reader thread.
        public var openSource: @Sendable () throws(SourceTrouble) -> any Source

        public init(
            stream: StreamID, definition: FeatureDefinition,
            openSource: @escaping @Sendable () throws(SourceTrouble) -> any Source
        ) {
            self.stream = stream
            self.definition = definition
            self.openSource = openSource
        }
    }

    public var sink: String
    public var lanes: [Lane]
    public var limits: Gateway.Limits
    /// Makes the sink. Called on the writer thread; it connects with the first batch.
    public var openSink: @Sendable () -> any Sink
    public var deadLetters: any DeadLetterStore
    /// Kept with each dead letter.
    public var configHash: String
    public var maxFutureSkew: Duration
    /// End when every stream is at its end and all is settled.
    public var drains: Bool
    /// How long stopping may wait for what the sink holds.
    public var drainTimeout: Duration
    public var faults: FaultHook

    public init(
        sink: String, lanes: [Lane], limits: Gateway.Limits, openSink: @escaping @Sendable () -> any Sink,
        deadLetters: any DeadLetterStore, configHash: String, maxFutureSkew: Duration, drains: Bool,
        drainTimeout: Duration, faults: FaultHook = .none
    ) {
        self.sink = sink
        self.lanes = lanes
        self.limits = limits
        self.openSink = openSink
        self.deadLetters = deadLetters
        self.configHash = configHash
        self.maxFutureSkew = maxFutureSkew
        self.drains = drains
        self.drainTimeout = drainTimeout
        self.faults = faults
    }
}
