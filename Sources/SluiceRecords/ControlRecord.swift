public import SluiceCore

/// A record that speaks of the stream instead of being data: the beginning or the end of a part of a bootstrap.
///
///     {"_sluice":"begin","run":"r1","part":0,"parts":1}
///     {"_sluice":"end","run":"r1","part":0,"count":25000}
public struct ControlRecord: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case begin
        /// `count`: how many data records the part has.
        case end(count: Int)
    }

    public let kind: Kind
    /// Names the attempt to fill; a later one replaces it. Empty unless given.
    public let run: String
    /// From 0.
    public let part: Int
    /// How many parts the run has, at least 1, by a `begin`; an `end` need not say.
    public let parts: Int
    /// The time of which the bootstrap is a picture.
    public let snapshotAt: EventTime?
    /// The records carry the versions that their rows have already, as a compacted view does.
    public let keepsVersions: Bool

    public init(
        kind: Kind, run: String = "", part: Int = 0, parts: Int = 1, snapshotAt: EventTime? = nil,
        keepsVersions: Bool = false
    ) {
        self.kind = kind
        self.run = run
        self.part = part
        self.parts = parts
        self.snapshotAt = snapshotAt
        self.keepsVersions = keepsVersions
    }
}

extension ControlRecord {
    /// The members that a control record may have, in the order in which `init(cells:)` takes them.
    static let members = ["_sluice", "run", "part", "parts", "count", "snapshot_at", "keeps_versions"]

    /// Reads the members of a record that was marked as control.
    init(cells: [Cell]) throws(MalformedControl) {
        run = try Self.name(cells[1])
        part = try Self.number("part", cells[2]) ?? 0
        parts = try Self.number("parts", cells[3]) ?? 1
        let count = try Self.number("count", cells[4])
        snapshotAt = try Self.time(cells[5])
        keepsVersions = try Self.flag(cells[6])
        switch (Value(cells[0]), count) {
        case (.text("begin"), _) where part < parts: kind = .begin
        case (.text("begin"), _): throw MalformedControl("its `part` is not below its `parts`")
        case (.text("end"), let count?): kind = .end(count: count)
        case (.text("end"), nil): throw MalformedControl("an `end` needs `count`, the number of the part's records")
        default: throw MalformedControl("`_sluice` is neither \"begin\" nor \"end\"")
        }
    }

    private static func name(_ cell: Cell) throws(MalformedControl) -> String {
        switch Value(cell) {
        case .null: return ""
        case .text(let text): return text
        case .integer(let number): return String(number)
        case .real: throw MalformedControl("its `run` is neither text nor an integer")
        }
    }

    private static func number(_ name: String, _ cell: Cell) throws(MalformedControl) -> Int? {
        switch cell {
        case .null: return nil
        case .integer(let number) where number >= 0: return Int(number)
        case .integer, .real, .text: throw MalformedControl("its `\(name)` is not an integer from 0")
        }
    }

    private static func time(_ cell: Cell) throws(MalformedControl) -> EventTime? {
        let time: EventTime?
        switch cell {
        case .null: return nil
        case .integer(let number): time = EventTime(epoch: number, unit: .milliseconds)
        case .text(let text): time = EventTime(iso8601: text)
        case .real: time = nil
        }
        guard let time else { throw MalformedControl("its `snapshot_at` is neither ISO 8601 nor epoch milliseconds") }
        return time
    }

    private static func flag(_ cell: Cell) throws(MalformedControl) -> Bool {
        switch cell {
        case .null, .integer(0): return false
        case .integer(1): return true
        case .integer, .real, .text: throw MalformedControl("its `keeps_versions` is neither true nor false")
        }
    }
}

/// What is wrong with a record that wants to be a control record.
struct MalformedControl: Error {
    let detail: String

    init(_ detail: String) { self.detail = "a control record: " + detail }
}
