public import SluiceCore
internal import SluiceDecisions

/// Which feature versions are paused because too many of their records were refused, for all sinks of the process. Each
/// sink counts for itself, since each meets every record; what one finds pauses all.
public final class FeatureHealth: Sendable {
    private struct Way: Hashable {
        let featureVersion: FeatureVersion
        let sink: String
    }

    private struct State {
        var breakers: [Way: RefusalBreaker] = [:]
        var paused: Set<FeatureVersion> = []
    }

    private let maxShare: Double
    private let state = Monitor(State())

    /// - Parameter maxShare: the share of refused records, from 0 to 1, above which a feature version pauses.
    public init(maxShare: Double) { self.maxShare = maxShare }

    /// Feature versions that are paused.
    public var paused: Set<FeatureVersion> { state.read(\.paused) }

    /// Takes note of records that came to a sink and of refusals on the way there, the sink's own included; returns
    /// whether this made the feature version pause.
    func observe(
        _ featureVersion: FeatureVersion, sink: String, records: Int, refused: Int, now: MonotonicTime
    ) -> Bool {
        state.change { state in
            let way = Way(featureVersion: featureVersion, sink: sink)
            let trips = state.breakers[way, default: RefusalBreaker(maxShare: maxShare)]
                .observe(records: records, refused: refused, now: now)
            return trips && state.paused.insert(featureVersion).inserted
        }
    }

    func isPaused(_ featureVersion: FeatureVersion) -> Bool { state.read { $0.paused.contains(featureVersion) } }
}
