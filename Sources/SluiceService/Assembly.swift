internal import SluiceConfig
internal import SluiceCore
internal import SluiceDecisions
internal import SluiceFiles
internal import SluiceLocalStore
internal import SluiceMongo
internal import SluicePipeline
internal import SluiceRedis

/// Makes components of plans: the one place that knows every kind of stream, sink and store.
struct Assembly {
    let configuration: Configuration
    let service: ServicePlan
    let coordination: any CoordinationStore
    let deadLetters: any DeadLetterStore
    let drains: Bool
    let faults: FaultHook

    /// One gateway per sink that any feature writes to, in the order of their names.
    func gateways() -> [GatewayPlan] {
        configuration.sinks.values.sorted { $0.name < $1.name }.compactMap { sink in
            let lanes = configuration.features.filter { $0.sinks.contains(sink.name) }.flatMap {
                self.lanes(of: $0, before: sink)
            }
            return lanes.isEmpty ? nil : gateway(of: sink, lanes: lanes)
        }
    }

    private func gateway(of sink: SinkPlan, lanes: [GatewayPlan.Lane]) -> GatewayPlan {
        GatewayPlan(
            sink: sink.name, lanes: lanes,
            limits: Gateway.Limits(
                rate: sink.rate, bootstrapMaxRate: sink.bootstrapMaxRate, bootstrapMinShare: sink.bootstrapMinShare,
                batchRows: sink.batch.rows, batchWait: sink.batch.wait),
            openSink: opener(of: sink), deadLetters: deadLetters, configHash: configuration.hash,
            maxFutureSkew: service.maxFutureSkew, drains: drains, drainTimeout: service.drainTimeout, faults: faults)
    }

    private func opener(of sink: SinkPlan) -> @Sendable () -> any Sink {
        let faults = faults
        // Stopping waits for an answer that is due, and must end in time.
        let timeout = min(.seconds(5), service.drainTimeout / 2)
        switch sink.kind {
        case .redis(let address, let durability):
            let settings = RedisSinkConfiguration(
                address: address, durability: .init(durability), timeout: timeout,
                connectTimeout: min(timeout, .seconds(2)))
            return { RedisSink(settings) }
        case .mongo(let uri, let database, _):
            let settings = MongoSinkConfiguration(uri: uri, database: database, timeout: timeout)
            return { MongoSink(settings) }
        case .file(let path, let compression):
            let settings = FileSink.Configuration(path: path, compression: .init(compression), faults: faults)
            return { FileSink(settings) }
        }
    }

    private func lanes(of feature: FeaturePlan, before sink: SinkPlan) -> [GatewayPlan.Lane] {
        feature.streams.sorted { $0.key > $1.key }.compactMap { lane, stream in
            guard case .file(let path, let format) = stream else { return nil }
            let id = StreamID(feature.definition.featureVersion, lane)
            let settings = FileSourceConfiguration(
                stream: id, sink: sink.name, path: path, format: .init(format), endsAtLastByte: drains)
            let coordination = coordination
            return GatewayPlan.Lane(stream: id, definition: feature.definition) { () throws(SourceTrouble) in
                FileSource(settings, coordination: coordination)
            }
        }
    }
}

extension RedisSinkConfiguration.Durability {
    fileprivate init(_ plan: RedisDurability) {
        switch plan {
        case .memory: self = .memory
        case .replicated(let replicas): self = .replicated(replicas)
        }
    }
}

extension FileSink.Compression {
    fileprivate init(_ plan: FileCompression) {
        switch plan {
        case .none: self = .none
        case .gzip: self = .gzip
        }
    }
}

extension FileSourceConfiguration.Format {
    fileprivate init(_ plan: StreamFormat) {
        switch plan {
        case .ndjson: self = .ndjson
        case .csv: self = .csv
        }
    }
}
