public import SluiceCore
internal import SluiceDecisions

/// Which feature versions are paused because too many of their records were refused, for all sinks of the process.
public final class FeatureHealth: Sendable {
    private struct State {
        var breakers: [FeatureVersion: RefusalBreaker] = [:]
        var paused: Set<FeatureVersion> = []
    }

    private let maxShare: Double
    private let state = Monitor(State())

    /// - Parameter maxShare: the share of refused records, from 0 to 1, above which a feature version pauses.
    public init(maxShare: Double) { self.maxShare = maxShare }

    /// Feature versions that are paused.
    public var paused: Set<FeatureVersion> { state.read(\.paused) }

    /// Takes note of records that a sink's reader met; returns whether this made the feature version pause.
    func observe(_ featureVersion: FeatureVersion, records: Int, refused: Int, now: MonotonicTime) -> Bool {
        state.change { state in
            let trips = state.breakers[featureVersion, default: RefusalBreaker(maxShare: maxShare)]
                .observe(records: records, refused: refused, now: now)
            return trips && state.paused.insert(featureVersion).inserted
        }
    }

    func isPaused(_ featureVersion: FeatureVersion) -> Bool { state.read { $0.paused.contains(featureVersion) } }
}
