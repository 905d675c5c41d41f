import SluiceCore

extension SinkLaw {
    /// Merging is taking the maximum: whatever the order, the batches and the repeats, the same state remains.
    static let merging: [SinkLaw] = [
        SinkLaw("a window of batches settles in order") { trial in
            let batches = (0..<trial.sink.window * 5).map { batch in
                (0...batch % 7).map { TestRow("e\($0)", at: Double(batch), ["count": .integer(Int64(batch))]) }
            }
            let answers = try trial.deliver(batches: batches.map { trial.rows($0) })
            try trial.expect(answers.flatMap { $0 }, batches.flatMap { $0 }.map { _ in .applied })
        },
        SinkLaw("random rows in any order, split and repeated, leave the greatest of each entity") { trial in
            let seed = UInt64.random(in: .min ... .max)
            do {
                try mergeRandomly(trial, seed: seed)
            } catch {
                throw LawBroken("seed \(seed): \(error)")
            }
        },
    ]

    private static func mergeRandomly(_ trial: SinkTrial, seed: UInt64) throws {
        print("random merge: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let rows = (0..<300).map { number in randomRow(number, &random) }
        let written = (rows + rows.filter { _ in Bool.random(using: &random) }).shuffled(using: &random)
        var batches: [[TestRow]] = []
        var rest = written[...]
        while !rest.isEmpty {
            batches.append(Array(rest.prefix(Int.random(in: 1...40, using: &random))))
            rest = rest.dropFirst(batches[batches.count - 1].count)
        }
        let answers = try trial.deliver(batches: batches.map { trial.rows($0) })

        var model: [String: TestRow] = [:]
        for (batch, answer) in zip(batches, answers) {
            // Which row of a batch was the duplicate is the store's business; how many were is not.
            var expected: [Count: Int] = [:]
            var found: [Count: Int] = [:]
            for (row, verdict) in zip(batch, answer) {
                found[Count(lane: row.lane, verdict: verdict), default: 0] += 1
                let held = model[row.entity]?.version
                let ideal: SinkVerdict =
                    if let held { row.version > held ? .applied : row.version == held ? .duplicate : .stale } else {
                        .applied
                    }
                expected[Count(lane: row.lane, verdict: trial.adapted(ideal)), default: 0] += 1
                if ideal == .applied { model[row.entity] = row }
            }
            try trial.expect(found, equals: expected, "verdicts of a batch, by lane")
        }
        try trial.expectState(of: trial.rows.featureVersion, Array(model.values))
    }

    private struct Count: Hashable {
        let lane: Lane
        let verdict: SinkVerdict
    }

    /// Few entities, few times and few revisions, so that ties are frequent; each row has a position of its own.
    private static func randomRow(_ number: Int, _ random: inout SeededGenerator) -> TestRow {
        let isDeleted = Int.random(in: 0..<6, using: &random) == 0
        var values: [String: Value] = ["count": .integer(Int64(number))]
        if Bool.random(using: &random) { values["text"] = .text("row \(number)") }
        if Bool.random(using: &random) { values["ratio"] = .real(Double.random(in: -1...1, using: &random)) }
        return TestRow(
            "e\(Int.random(in: 0..<25, using: &random))", at: Double(Int.random(in: 0..<12, using: &random)),
            isDeleted ? [:] : values, revision: UInt32.random(in: 0...1, using: &random),
            lane: Bool.random(using: &random) ? .bootstrap : .realtime, offset: UInt64(number), isDeleted: isDeleted)
    }
}
