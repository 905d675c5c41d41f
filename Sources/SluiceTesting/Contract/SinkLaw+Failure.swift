import SluiceCore

extension SinkLaw {
    /// What a sink says and does when something goes wrong.
    static let failure: [SinkLaw] = [
        SinkLaw("what the store refuses is named, and the others land") { trial in
            try trial.harness.refuse("bad", of: trial.rows.featureVersion)
            try trial.harness.refuse("worse", of: trial.rows.featureVersion)
            let good = (0..<4).map { TestRow("e\($0)", at: 1, ["count": .integer($0)]) }
            let verdicts = try trial.deliver(
                good[0], TestRow("bad", at: 1), good[1], good[2], TestRow("worse", at: 1), good[3])
            for (place, verdict) in verdicts.enumerated() {
                let isRefused = if case .refused(let reason) = verdict { !reason.isEmpty } else { false }
                try trial.expect(isRefused, equals: place == 1 || place == 4, "row \(place) refused with a reason")
                if !isRefused { try trial.expect(verdict, equals: .applied, "row \(place)") }
            }
            let found = try trial.storedEntities().subtracting(["bad", "worse"])
            try trial.expect(found, equals: Set(good.map(\.entity)), "entities stored")
            try trial.expect(trial.deliver(good[0]), [.duplicate], "verdicts after a refusal")
        },
        SinkLaw("a lost answer is trouble, and writing again changes nothing") { trial in
            let lossy = try trial.harness.makeSinkWithLossyAnswers()
            trial.sink.close()
            trial.sink = lossy.sink
            let before = TestRow("e", at: 1, ["count": 1])
            let after = TestRow("e", at: 2, ["count": 2])
            try trial.expect(trial.deliver(before), [.applied])
            try lossy.loseNextAnswer()
            _ = try trial.trouble("a lost answer") { _ = try trial.deliver(after) }
            try trial.expectState(after)
            try trial.expect(trial.deliverThroughTrouble(trial.rows(after)), [.duplicate])
            try trial.expectState(after)
        },
        SinkLaw("a store that is down is trouble, and the sink recovers by itself") { trial in
            let before = TestRow("e", at: 1, ["count": 1])
            let after = TestRow("e", at: 2, ["count": 2])
            try trial.expect(trial.deliver(before), [.applied])
            try trial.harness.takeDown()
            for _ in 0..<2 {
                let trouble = try trial.trouble("a store that is down") { _ = try trial.deliver(after) }
                guard case .unreachable = trouble else { throw LawBroken("a store that is down is \(trouble)") }
            }
            try trial.harness.bringUp()
            try trial.expectState(before)
            try trial.expect(trial.deliverThroughTrouble(trial.rows(after)), [.applied])
            try trial.expect(trial.deliver(after), [.duplicate])
            try trial.expectState(after)
        },
        SinkLaw("a store that restarted between two batches is met again") { trial in
            let rows = (0..<20).map { TestRow("e\($0)", at: 1, ["count": .integer($0)]) }
            try trial.expect(trial.deliver(trial.rows(rows)), rows.map { _ in .applied })
            try trial.harness.takeDown()
            try trial.harness.bringUp()
            try trial.expect(trial.deliverThroughTrouble(trial.rows(rows)), rows.map { _ in .duplicate })
            try trial.expectState(of: trial.rows.featureVersion, rows)
        },
        SinkLaw("a sink opened anew sees the versions that are stored") { trial in
            let row = TestRow("e", at: 2, ["count": 2])
            try trial.expect(trial.deliver(row), [.applied])
            trial.sink.close()
            trial.sink = try trial.harness.makeSink()
            try trial.expect(trial.deliver(row), [.duplicate])
            try trial.expect(trial.deliver(TestRow("e", at: 1, ["count": 1])), [.stale])
            try trial.expectState(row)
        },
        SinkLaw("two sinks on one store agree") { trial in
            let other = try trial.harness.makeSink()
            defer { other.close() }
            let newer = TestRow("e", at: 2, ["count": 2])
            try other.write(trial.rows(newer), now: trial.now)
            _ = try other.settle(flush: true)
            try trial.expect(trial.deliver(TestRow("e", at: 1, ["count": 1])), [.stale])
            try trial.expect(trial.deliver(newer), [.duplicate])
            try trial.expectState(newer)
        },
        SinkLaw("nothing outstanding settles nothing") { trial in
            try trial.expect(trial.sink.settle(flush: true).count, equals: 0, "batches settled")
            _ = try trial.deliver(TestRow("e", at: 1))
            try trial.expect(trial.sink.settle(flush: true).count, equals: 0, "batches settled")
        },
        SinkLaw("a closed sink leaves what was settled") { trial in
            let row = TestRow("e", at: 1, ["count": 1])
            try trial.expect(trial.deliver(row), [.applied])
            trial.sink.close()
            trial.sink.close()
            try trial.expectState(row)
        },
    ]
}
