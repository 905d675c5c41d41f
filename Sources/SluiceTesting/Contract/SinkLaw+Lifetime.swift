import SluiceCore

extension SinkLaw {
    /// Tombstones and expiry.
    static let lifetime: [SinkLaw] = [
        SinkLaw("a tombstone takes the content away") { trial in
            let tombstone = TestRow("e", at: 2, ["text": "gone"], isDeleted: true)
            _ = try trial.deliver(TestRow("e", at: 1, ["text": "t", "count": 1]))
            try trial.expect(trial.deliver(tombstone), [.applied])
            try trial.expectState(tombstone)
        },
        SinkLaw("a tombstone of an unknown entity is kept") { trial in
            let tombstone = TestRow("e", at: 2, isDeleted: true)
            try trial.expect(trial.deliver(tombstone), [.applied])
            try trial.expect(trial.deliver(tombstone), [.duplicate])
            try trial.expectState(tombstone)
        },
        SinkLaw("a row older than a tombstone does not come back to life") { trial in
            let tombstone = TestRow("e", at: 2, isDeleted: true)
            _ = try trial.deliver(tombstone)
            try trial.expect(trial.deliver(TestRow("e", at: 1, ["text": "late"])), [.stale])
            try trial.expectState(tombstone)
        },
        SinkLaw("a row newer than a tombstone lives, with its own content only") { trial in
            let newer = TestRow("e", at: 3, ["count": 3])
            _ = try trial.deliver(TestRow("e", at: 1, ["text": "t", "note": "n"]))
            _ = try trial.deliver(TestRow("e", at: 2, isDeleted: true))
            try trial.expect(trial.deliver(newer), [.applied])
            try trial.expectState(newer)
        },
        SinkLaw("an older tombstone is stale") { trial in
            let row = TestRow("e", at: 2, ["text": "t"])
            _ = try trial.deliver(row)
            try trial.expect(trial.deliver(TestRow("e", at: 1, isDeleted: true)), [.stale])
            try trial.expectState(row)
        },
        SinkLaw("what is expired on arrival is not written") { trial in
            let expired = TestRow("e", at: 1, ["count": 1], expiresAt: trial.now)
            let alive = TestRow("f", at: 1, ["count": 1], expiresAt: trial.now.advanced(by: .seconds(3600)))
            let expiredTombstone = TestRow("g", at: 1, isDeleted: true, expiresAt: trial.now.advanced(by: .seconds(-1)))
            try trial.expect(trial.deliver(expired, alive, expiredTombstone), [.expired, .applied, .expired])
            try trial.expectState(alive)
            try trial.expect(trial.deliver(expired), [.expired], "verdicts of a batch that is all expired")
            try trial.expectState(alive)
        },
        SinkLaw("a row is gone once it has expired") { trial in
            let soon = trial.now.advanced(by: .milliseconds(1500))
            let kept = TestRow("kept", at: 1, ["count": 1])
            let verdicts = try trial.deliver(
                TestRow("e", at: 1, ["count": 1], expiresAt: soon),
                TestRow("f", at: 1, isDeleted: true, expiresAt: soon),
                kept)
            try trial.expect(verdicts, [.applied, .applied, .applied])
            try waitUntil("expired rows are gone") {
                try trial.storedEntities() == ["kept"]
            }
            try trial.expectState(kept)
        },
        SinkLaw("a newer row moves the expiry, in either direction and away") { trial in
            let soon = trial.now.advanced(by: .milliseconds(1500))
            let late = trial.now.advanced(by: .seconds(3600))
            _ = try trial.deliver(
                TestRow("later", at: 1, expiresAt: soon), TestRow("kept", at: 1, expiresAt: soon),
                TestRow("sooner", at: 1, expiresAt: late), TestRow("limited", at: 1))
            let later = TestRow("later", at: 2, ["count": 2], expiresAt: late)
            let kept = TestRow("kept", at: 2, ["count": 2])
            _ = try trial.deliver(
                later, kept, TestRow("sooner", at: 2, expiresAt: soon), TestRow("limited", at: 2, expiresAt: soon))
            try waitUntil("expired rows are gone") {
                try trial.storedEntities() == ["later", "kept"]
            }
            try trial.expectState(later, kept)
        },
    ]
}
