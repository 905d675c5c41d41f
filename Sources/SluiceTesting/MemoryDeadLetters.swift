public import SluiceCore

/// Dead letters in memory, by the contract of their store, which fails as a test tells it to.
public final class MemoryDeadLetters: DeadLetterStore {
    private struct State {
        var letters: [DeadLetter] = []
        var replays: [DeadLetter.ID: Set<String>] = [:]
        var failures = 0
    }

    private let state = Locked(State())

    public init() {}

    public var letters: [DeadLetter] { state.with(\.letters) }

    /// The next calls of `keep` fail.
    public func failNext(_ count: Int) { state.with { $0.failures = count } }

    public func keep(_ letters: [DeadLetter], met sink: String) throws(CoordinationTrouble) {
        let isFailing = state.with { state in
            guard state.failures == 0 else {
                state.failures -= 1
                return true
            }
            for letter in letters {
                if !state.letters.contains(where: { $0.id == letter.id }) { state.letters.append(letter) }
                state.replays[letter.id]?.remove(sink)
            }
            return false
        }
        if isFailing { throw .unavailable("the test says so") }
    }

    public func replays(for sink: String, limit: Int) -> [DeadLetter] {
        state.with { state in
            Array(state.letters.filter { state.replays[$0.id]?.contains(sink) == true }.prefix(limit))
        }
    }

    public func settled(_ letters: [DeadLetter.ID], by sink: String) {
        state.with { state in
            for id in letters where state.replays[id]?.remove(sink) != nil {
                if state.replays[id]?.isEmpty == true { state.letters.removeAll { $0.id == id } }
            }
        }
    }

    public func list(_ filter: DeadLetterFilter, limit: Int) -> [DeadLetter] { Array(letters.prefix(limit)) }

    public func count(_ filter: DeadLetterFilter) -> [DeadLetterCount] { [] }

    public func requestReplay(_ filter: DeadLetterFilter, sinks: [FeatureVersion: [String]]) -> Int {
        state.with { state in
            for letter in state.letters {
                let all = letter.id.sink.map { [$0] } ?? sinks[letter.id.stream.featureVersion] ?? []
                state.replays[letter.id] = Set(all)
            }
            return state.letters.count
        }
    }

    public func discard(_ filter: DeadLetterFilter) -> Int {
        state.with { state in
            defer { state.letters = [] }
            return state.letters.count
        }
    }
}
