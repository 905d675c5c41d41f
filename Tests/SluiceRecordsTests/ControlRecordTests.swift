import SluiceCore
import SluiceRecords
import Testing

@Suite struct ControlRecordTests {
    @Test(arguments: [
        (#"{"_sluice":"begin"}"#, ControlRecord(kind: .begin)),
        (
            #"{"_sluice":"begin","run":"r1","part":2,"parts":3}"#,
            ControlRecord(kind: .begin, run: "r1", part: 2, parts: 3)
        ),
        (
            #"{"_sluice":"begin","run":17,"keeps_versions":true}"#,
            ControlRecord(kind: .begin, run: "17", keepsVersions: true)
        ),
        (#"{"x":{"y":[1]},"_sluice":"end","count":0}"#, ControlRecord(kind: .end(count: 0))),
        (#"{"_sluice":"end","part":1,"count":5}"#, ControlRecord(kind: .end(count: 5), part: 1)),
        (#"{"_sluice":"end","run":"\u0041","count":25}"#, ControlRecord(kind: .end(count: 25), run: "A")),
        (
            #"{"_sluice":"begin","snapshot_at":"2025-01-01T00:00:00Z"}"#,
            ControlRecord(kind: .begin, snapshotAt: EventTime(microseconds: 1_735_689_600_000_000))
        ),
        (
            #"{"_sluice":"begin","snapshot_at":1735689600000}"#,
            ControlRecord(kind: .begin, snapshotAt: EventTime(microseconds: 1_735_689_600_000_000))
        ),
    ])
    func `a record with the member _sluice is control, never data`(json: String, control: ControlRecord) {
        for columns in [[], ["run", "count"], ["_sluice"]] {
            #expect(RecordDecoder(columns: columns).reading(json) == .control(control))
        }
    }

    @Test(arguments: [
        (#"{"_sluice":"middle"}"#, #"a control record: `_sluice` is neither "begin" nor "end""#),
        (#"{"_sluice":null}"#, #"a control record: `_sluice` is neither "begin" nor "end""#),
        (#"{"_sluice":"end"}"#, "a control record: an `end` needs `count`, the number of the part's records"),
        (#"{"_sluice":"end","count":-1}"#, "a control record: its `count` is not an integer from 0"),
        (#"{"_sluice":"begin","part":1}"#, "a control record: its `part` is not below its `parts`"),
        (#"{"_sluice":"begin","parts":"2"}"#, "a control record: its `parts` is not an integer from 0"),
        (#"{"_sluice":"begin","run":1.5}"#, "a control record: its `run` is neither text nor an integer"),
        (
            #"{"_sluice":"begin","keeps_versions":"yes"}"#,
            "a control record: its `keeps_versions` is neither true nor false"
        ),
        (
            #"{"_sluice":"begin","snapshot_at":"soon"}"#,
            "a control record: its `snapshot_at` is neither ISO 8601 nor epoch milliseconds"
        ),
        (#"{"_sluice":"begin","_sluice":"end"}"#, "the member `_sluice` stands twice"),
        (#"{"_sluice":"begin","run":tru}"#, "it is not valid JSON"),
    ])
    func `a malformed control record is refused`(json: String, detail: String) {
        #expect(RecordDecoder(columns: ["a"]).reading(json) == .refused(.unreadable, detail))
    }

    @Test func `control records keep their places among the data`() {
        let readings = RecordDecoder(columns: ["a"]).readings([
            #"{"_sluice":"begin"}"#, #"{"a":"x\n"}"#, #"{"_sluice":"end","count":1,"run":"\n"}"#, #"{"a":"y\n"}"#,
        ])
        #expect(
            readings == [
                .control(ControlRecord(kind: .begin)), .data([.text("x\n")]),
                .control(ControlRecord(kind: .end(count: 1), run: "\n")), .data([.text("y\n")]),
            ])
    }

    @Test func `CSV has no control records`() {
        #expect(
            RecordDecoder(columns: ["_sluice"]).reading("begin", format: .csv(header: ["_sluice"]))
                == .data([.text("begin")]))
    }
}
