public import SluiceCore

/// A stream whose records a test states, and which tells what became of them. Everything is read in batches as stated.
public final class ScriptedSource: Source {
    /// What the test and the reader's thread both look at.
    public final class Script: Sendable {
        private struct State {
            var batches: [Result<[String], SourceTrouble>]
            var next = 0
            var offset: UInt64 = 0
            var settled = 0
            var committed = 0
        }

        private let state: Locked<State>

        /// - Parameter batches: the records of each batch as text, or a trouble that `read` throws in its place.
        public init(_ batches: [Result<[String], SourceTrouble>]) { state = Locked(State(batches: batches)) }

        public convenience init(_ batches: [String]...) { self.init(batches.map { .success($0) }) }

        /// Batches settled, and batches over which the cursor was committed.
        public var settled: Int { state.with(\.settled) }
        public var committed: Int { state.with(\.committed) }

        /// Adds a batch to the end.
        public func append(_ batch: [String]) { state.with { $0.batches.append(.success(batch)) } }

        fileprivate func read() throws(SourceTrouble) -> RecordBatch? {
            let next: Result<([String], UInt64), SourceTrouble>? = state.with { state in
                guard state.next < state.batches.count else { return nil }
                let batch = state.batches[state.next]
                state.next += 1
                return batch.map { records in
                    defer { state.offset += UInt64(records.reduce(0) { $0 + $1.utf8.count + 1 }) }
                    return (records, state.offset)
                }
            }
            guard let next else { return nil }
            let (texts, start) = try next.get()
            return RecordBatch(lines: texts.map { Array($0.utf8) }, from: start)
        }

        /// Damage that was met: it stands as long as the stream.
        fileprivate var troubles: [SourceTrouble] {
            state.with { state in
                state.batches.prefix(state.next).compactMap { batch in
                    if case .failure(let trouble) = batch, case .damaged = trouble { trouble } else { nil }
                }
            }
        }

        fileprivate var isAtEnd: Bool { state.with { $0.next == $0.batches.count } }
        fileprivate func settle() { state.with { $0.settled += 1 } }
        fileprivate func commit() { state.with { $0.committed = $0.settled } }
    }

    private let script: Script

    public init(_ script: Script) { self.script = script }

    public func read(limit: Int) throws(SourceTrouble) -> RecordBatch? { try script.read() }
    public func settled(_ batch: RecordBatch, dataRecords: Int) { script.settle() }
    public func commit() { script.commit() }
    public var isAtEnd: Bool { script.isAtEnd }
    public var troubles: [SourceTrouble] { script.troubles }
    public var backlog: SourceBacklog? { nil }
    public func close() {}
}
