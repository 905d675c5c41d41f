import SluiceCore

extension SinkLaw {
    /// What a row leaves in the store.
    static let content: [SinkLaw] = [
        SinkLaw("a row replaces the whole content") { trial in
            let newer = TestRow("e", at: 2, ["count": 2])
            _ = try trial.deliver(TestRow("e", at: 1, ["text": "t", "count": 1, "ratio": 0.5, "note": "n"]))
            _ = try trial.deliver(newer)
            try trial.expectState(newer)
        },
        SinkLaw("NULL is an absent column, and a row of NULLs is still a row") { trial in
            let nulls = TestRow("nulls", at: 1, ["text": .null, "count": .null, "ratio": .null, "note": .null])
            let empty = TestRow("empty", at: 1, ["text": ""])
            try trial.expect(trial.deliver(nulls, empty), [.applied, .applied])
            try trial.expectState(nulls, empty)
            try trial.expect(trial.deliver(nulls), [.duplicate])
        },
        SinkLaw("values that begin with a dollar sign are values") { trial in
            let texts = ["$text", "$$ROOT", "$", "{\"$gt\":\"\"}", "$literal"]
            let rows = texts.enumerated().map { TestRow("e\($0)", at: 1, ["text": .text($1)]) }
            _ = try trial.deliver(trial.rows(rows))
            try trial.expectState(of: trial.rows.featureVersion, rows)
        },
        SinkLaw("64-bit integers are kept exactly") { trial in
            let numbers: [Int64] = [
                0, -1, 9, -10, 99_999, .max, .max - 1, .min, .min + 1, 1 << 53, (1 << 53) + 1, -(1 << 53) - 1, 1 << 31,
            ]
            let rows = numbers.enumerated().map { TestRow("e\($0)", at: 1, ["count": .integer($1)]) }
            _ = try trial.deliver(trial.rows(rows))
            try trial.expectState(of: trial.rows.featureVersion, rows)
        },
        SinkLaw("doubles are kept exactly") { trial in
            let numbers = [
                0.1, 0.1 + 0.2, 1, -1.5, 100, 1e20, 1e21, 1e-7, 123_456_789.123_456_79, .leastNonzeroMagnitude,
                .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, -0.0, .pi,
            ]
            let rows = numbers.enumerated().map { TestRow("e\($0)", at: 1, ["ratio": .real($1)]) }
            _ = try trial.deliver(trial.rows(rows))
            try trial.expectState(of: trial.rows.featureVersion, rows)
        },
        SinkLaw("infinities are kept") { trial in
            let rows = [
                TestRow("above", at: 1, ["ratio": .real(.infinity)]),
                TestRow("below", at: 1, ["ratio": .real(-.infinity)]),
            ]
            _ = try trial.deliver(trial.rows(rows))
            try trial.expectState(of: trial.rows.featureVersion, rows)
        },
        SinkLaw("text is kept to the byte") { trial in
            let texts = [
                "plain", " leading and trailing ", "two\nlines\r\n", "tab\t", "quote\" and ' and `", "back\\slash",
                "nul\u{0}inside", "\u{0}", "\u{1}\u{1f}\u{7f}", "ünïcødé", "e\u{301}", "日本語", "🚕👩‍👩‍👧", "\u{202e}bidi",
                "\u{feff}bom",
                "{\"json\":[1,2,{\"a\":null}]}", "*3\r\n$3\r\nSET\r\n", "inf", "1", "true", "null",
                String(repeating: "long ", count: 20_000),
            ]
            let rows = texts.enumerated().map { TestRow("e\($0)", at: 1, ["text": .text($1)]) }
            _ = try trial.deliver(trial.rows(rows))
            try trial.expectState(of: trial.rows.featureVersion, rows)
        },
        SinkLaw("odd entities are entities of their own") { trial in
            let entities = [
                "", " ", "a b", "a|b", "a%7Cb", "%", "%25", "{}", "{a}", "%7Ba%7D", "a:b", "a.b", "$a", "_id", "*",
                "a/b", "../a", "\"", "é", "e\u{301}", "日本", "🚕", "0", "00", "A", "a",
                String(repeating: "x", count: 300),
            ]
            let rows = entities.enumerated().map { TestRow($1, at: 1, ["count": .integer(Int64($0))]) }
            try trial.expect(trial.deliver(trial.rows(rows)), rows.map { _ in .applied })
            try trial.expect(trial.deliver(trial.rows(rows)), rows.map { _ in .duplicate })
            try trial.expectState(of: trial.rows.featureVersion, rows)
        },
        SinkLaw("entities that differ only in Unicode normalisation are two") { trial in
            let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")
            let rows = [TestRow(composed, at: 2, ["count": 1]), TestRow(decomposed, at: 1, ["count": 2])]
            try trial.expect(trial.deliver(trial.rows(rows)), [.applied, .applied])
            try trial.expectState(of: trial.rows.featureVersion, rows)
            let older = [TestRow(composed, at: 1), TestRow(decomposed, at: 1)]
            try trial.expect(trial.deliver(trial.rows(older)), [.stale, .duplicate])
            let newer = TestRow(decomposed, at: 3, ["count": 3])
            try trial.expect(trial.deliver(newer), [.applied])
            try trial.expectState(rows[0], newer)
        },
        SinkLaw("a batch of a thousand wide rows is written whole") { trial in
            let columns = (0..<60).map { "column_\($0)" }
            let wide = TestRows(SinkTrial.newFeature(), columns: columns)
            let rows = (0..<1000).map { place in
                TestRow(
                    "e\(place)", at: 1,
                    Dictionary(uniqueKeysWithValues: columns.map { ($0, .integer(Int64(place))) }))
            }
            try trial.expect(trial.deliver(wide(rows)), rows.map { _ in .applied })
            try trial.expectState(of: wide.featureVersion, rows)
        },
        SinkLaw("a row of two thousand columns is written") { trial in
            let columns = (0..<2000).map { "column_\($0)" }
            let wide = TestRows(SinkTrial.newFeature(), columns: columns)
            let row = TestRow(
                "e", at: 1,
                Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, .integer(Int64($0))) }))
            try trial.expect(trial.deliver(wide(row)), [.applied])
            try trial.expectState(of: wide.featureVersion, [row])
        },
        SinkLaw("rows of many feature versions share a batch") { trial in
            let feature = SinkTrial.newFeature().feature
            let kinds = (1...6).map { number in
                TestRows(FeatureVersion(feature, number), columns: (0..<number).map { "column_\($0)" })
            }
            var batch: [Row] = []
            var expected: [FeatureVersion: [TestRow]] = [:]
            for place in 0..<120 {
                let kind = kinds[place % kinds.count]
                let row = TestRow(
                    "e\(place / kinds.count)", at: 1, ["column_0": .integer(Int64(place))],
                    lane: place % 4 < 2 ? .bootstrap : .realtime)
                batch += kind(row)
                expected[kind.featureVersion, default: []].append(row)
            }
            try trial.expect(trial.deliver(batch), batch.map { _ in .applied })
            for (featureVersion, rows) in expected { try trial.expectState(of: featureVersion, rows) }
        },
        SinkLaw("a new schema of a feature version replaces what an old one wrote") { trial in
            let old = TestRow("e", at: 1, ["text": "t", "count": 1])
            let changed = TestRows(trial.rows.featureVersion, columns: ["count", "added"])
            let new = TestRow("e", at: 2, ["count": 2, "added": "a"])
            try trial.expect(trial.deliver(old), [.applied])
            try trial.expect(trial.deliver(changed(new)), [.applied])
            try trial.expectState(new)
        },
    ]
}
