import SluiceCore

extension SinkLaw {
    /// Which of two rows of an entity wins.
    static let ordering: [SinkLaw] = [
        SinkLaw("a first row is applied") { trial in
            let row = TestRow("e", at: 1, ["text": "first", "count": 1, "ratio": 0.5, "note": "n"])
            try trial.expect(trial.deliver(row), [.applied])
            try trial.expectState(row)
        },
        SinkLaw("a newer row replaces an older one") { trial in
            let newer = TestRow("e", at: 2, ["count": 2])
            try trial.expect(trial.deliver(TestRow("e", at: 1, ["count": 1])), [.applied])
            try trial.expect(trial.deliver(newer), [.applied])
            try trial.expectState(newer)
        },
        SinkLaw("an older row is stale and changes nothing") { trial in
            let newer = TestRow("e", at: 2, ["count": 2])
            try trial.expect(trial.deliver(newer), [.applied])
            try trial.expect(trial.deliver(TestRow("e", at: 1, ["count": 1, "note": "old"])), [.stale])
            try trial.expectState(newer)
        },
        SinkLaw("the same version again is a duplicate and changes nothing") { trial in
            let row = TestRow("e", at: 1, ["count": 1])
            try trial.expect(trial.deliver(row), [.applied])
            try trial.expect(trial.deliver(TestRow("e", at: 1, ["count": 99])), [.duplicate])
            if !trial.harness.keepsHistory { try trial.expectState(row) }
        },
        SinkLaw("a replayed batch is all duplicates") { trial in
            let rows = (0..<50).map { TestRow("e\($0)", at: 1, ["count": .integer($0)], offset: UInt64($0)) }
            try trial.expect(trial.deliver(trial.rows(rows)), rows.map { _ in .applied })
            try trial.expect(trial.deliver(trial.rows(rows)), rows.map { _ in .duplicate })
            try trial.expectState(of: trial.rows.featureVersion, rows)
        },
        SinkLaw("a difference of one microsecond decides") { trial in
            let later = TestRow("e", at: 1.000_002, ["count": 2])
            try trial.expect(trial.deliver(later), [.applied])
            try trial.expect(trial.deliver(TestRow("e", at: 1.000_001, ["count": 1])), [.stale])
            try trial.expectState(later)
        },
        SinkLaw("between rows of one event time the greater revision wins") { trial in
            let revised = TestRow("e", at: 1, ["count": 2], revision: 10, lane: .bootstrap)
            try trial.expect(trial.deliver(revised), [.applied])
            try trial.expect(trial.deliver(TestRow("e", at: 1, ["count": 1], revision: 9, offset: 7)), [.stale])
            try trial.expectState(revised)
        },
        SinkLaw("between rows of one event time realtime wins over bootstrap") { trial in
            let realtime = TestRow("e", at: 1, ["text": "realtime"], lane: .realtime, offset: 1)
            let bootstrap = TestRow("e", at: 1, ["text": "bootstrap"], lane: .bootstrap, offset: 1 << 40)
            try trial.expect(trial.deliver(realtime), [.applied])
            try trial.expect(trial.deliver(bootstrap), [.stale])
            try trial.expectState(realtime)
            let other = TestRow("f", at: 1, ["text": "realtime"], lane: .realtime, offset: 1)
            let otherBootstrap = TestRow("f", at: 1, ["text": "bootstrap"], lane: .bootstrap, offset: 1 << 40)
            try trial.expect(trial.deliver(otherBootstrap), [.applied])
            try trial.expect(trial.deliver(other), [.applied])
            try trial.expectState(realtime, other)
        },
        SinkLaw("between rows of one event time and lane the later position wins") { trial in
            let later = TestRow("e", at: 1, ["count": 2], offset: 256)
            try trial.expect(trial.deliver(later), [.applied])
            try trial.expect(trial.deliver(TestRow("e", at: 1, ["count": 1], offset: 255)), [.stale])
            try trial.expectState(later)
        },
        SinkLaw("between rows of one record the later one wins") { trial in
            let later = TestRow("e", at: 1, ["count": 2], offset: 5, index: 1)
            let earlier = TestRow("e", at: 1, ["count": 1], offset: 5, index: 0)
            try trial.expect(trial.deliver(later, earlier), [.applied, .stale])
            try trial.expectState(later)
        },
        SinkLaw("event times before 1970 and far from it keep their order") { trial in
            let times: [Double] = [-30_000_000_000, -1_700_000_000.5, -1_700_000_000, -1, 0, 1, 30_000_000_000]
            let rows = times.enumerated().map { TestRow("e", at: $1, ["count": .integer(Int64($0))]) }
            for row in rows { try trial.expect(trial.deliver(row), [.applied]) }
            for row in rows.dropLast() { try trial.expect(trial.deliver(row), [.stale]) }
            try trial.expectState(rows[times.count - 1])
        },
        SinkLaw("several rows of an entity in one batch act as if written one by one") { trial in
            let newest = TestRow("e", at: 3, ["count": 3])
            let verdicts = try trial.deliver(
                TestRow("e", at: 2, ["count": 2]), TestRow("f", at: 1, ["count": 1]),
                TestRow("e", at: 1, ["count": 1]), newest, TestRow("e", at: 3, ["count": 3]),
                TestRow("e", at: 2, ["count": 2]))
            try trial.expect(verdicts, [.applied, .applied, .stale, .applied, .duplicate, .stale])
            try trial.expectState(newest, TestRow("f", at: 1, ["count": 1]))
        },
        SinkLaw("rows of both lanes in one batch act as if written one by one") { trial in
            let winner = TestRow("e", at: 1, ["text": "realtime"], lane: .realtime)
            let verdicts = try trial.deliver(
                TestRow("e", at: 1, ["text": "bootstrap"], lane: .bootstrap), winner,
                TestRow("e", at: 0.5, ["text": "older"], lane: .bootstrap), winner)
            try trial.expect(verdicts, [.applied, .applied, .stale, .duplicate])
            try trial.expectState(winner)
        },
    ]
}
