internal import SluiceCore
internal import SluiceRecords
internal import SluiceSQLite

/// What a row must be to be written: the type of each column that a key of the definition names, and of all others.
struct RowRules {
    /// Why a row, and with it its record, is refused.
    struct Fault: Error {
        let reason: RefusalReason
        let detail: String
    }

    /// Most rows of one record: the index of a row has 16 bits.
    static let rows = 1 << 16
    /// Most text that the rows of one record hold, in bytes.
    static let text = 4 << 20
    /// Most values that the rows of one record hold.
    static let values = 1 << 20
    /// Most text that the rows of one batch hold: places in it have 32 bits.
    static let batchText = 1 << 31

    let columns: ResultColumns
    private let unit: EpochUnit
    private let retention: Duration?
    /// The decoder's columns of the members that carry the version of a record's row, and whether it is a tombstone, in
    /// a view that keeps versions.
    private let keptVersion: Int
    private let keptDeleted: Int

    /// - Parameter wanted: the members that the rules read are added.
    init(definition: FeatureDefinition, columns: ResultColumns, wanted: inout WantedMembers) {
        self.columns = columns
        keptVersion = wanted.column(of: "_v")
        keptDeleted = wanted.column(of: "_deleted")
        unit = definition.eventTimeUnit
        retention = definition.retention
    }

    func expiry(of eventTime: EventTime) -> EventTime? { retention.map { eventTime.advanced(by: $0) } }

    /// The value of any column, as sinks keep it.
    func value(_ cell: SQLiteCell, column: Int) throws(Fault) -> Cell {
        switch cell {
        case .null: return .null
        case .integer(let number): return .integer(number)
        case .real(let number):
            guard number.isFinite else { throw bad(column, "is infinite; expected is a number that JSON can write") }
            return .real(number)
        case .text(let text):
            guard isUTF8(text) else { throw bad(column, "is text that is not UTF-8") }
            return .text(text)
        case .blob: throw bad(column, "is a blob; expected is text or a number: `CAST(… AS TEXT)` or `hex(…)`")
        }
    }

    private func bad(_ column: Int, _ what: String) -> Fault { bad(columns.names[column], what) }

    private func bad(_ name: String, _ what: String) -> Fault {
        Fault(reason: .badValue, detail: "`\(name)` \(what)")
    }

    /// Refuses what cannot name an entity.
    func checkEntity(_ cell: SQLiteCell, column: Int) throws(Fault) {
        switch cell {
        case .text, .integer: return
        case .null: throw Fault(reason: .badEntity, detail: "the entity's `\(columns.names[column])` is NULL")
        case .real, .blob:
            throw Fault(
                reason: .badEntity,
                detail: "the entity's `\(columns.names[column])` is a real number; expected is text or an integer")
        }
    }

    func eventTime(_ cell: Cell, latest: EventTime) throws(Fault) -> EventTime {
        let name = columns.names[columns.eventTime]
        let time: EventTime?
        switch cell {
        case .null: throw Fault(reason: .badEventTime, detail: "the event time `\(name)` is NULL")
        case .real:
            throw Fault(
                reason: .badEventTime,
                detail: "the event time `\(name)` is a real number; expected is ISO 8601 or an integer")
        case .integer(let count): time = EventTime(epoch: count, unit: unit)
        case .text(let text): time = EventTime(iso8601: text)
        }
        guard let time else {
            throw Fault(
                reason: .badEventTime,
                detail:
                    "the event time `\(name)` cannot be read; expected is ISO 8601 or an integer in \(unit.rawValue)")
        }
        try checkFuture(time, latest: latest)
        return time
    }

    func checkFuture(_ time: EventTime, latest: EventTime) throws(Fault) {
        guard time <= latest else {
            throw Fault(
                reason: .futureEventTime,
                detail: "the event time \(time) lies further ahead than max_future_skew allows, which ends at \(latest)"
            )
        }
    }

    /// NULL is revision 0: the first emission, which upstreams leave without a number. Fields of CSV write the number
    /// as text.
    func revision(_ cell: Cell, name: String) throws(Fault) -> UInt32 {
        switch cell {
        case .null: return 0
        case .integer(let number):
            if let revision = UInt32(exactly: number) { return revision }
        case .text(let text):
            if let revision = UInt32(String(decoding: text.prefix(32), as: UTF8.self)) { return revision }
        case .real: break
        }
        throw Fault(reason: .badRevision, detail: "the revision `\(name)` is not an integer from 0 to 4294967295")
    }

    /// Numbers are true unless zero, as in SQL. Text is true and false by those words, so that a flag of CSV is not
    /// taken for false without notice, or by the number that it states.
    func isDeleted(_ cell: Cell, name: String) throws(Fault) -> Bool {
        switch cell {
        case .null: return false
        case .integer(let number): return number != 0
        case .real(let number): return number != 0
        case .text(let text):
            let word = String(decoding: text.prefix(32), as: UTF8.self).lowercased()
            if let number = Double(word) { return number != 0 }
            if word == "true" { return true }
            if word == "false" || word.isEmpty { return false }
            throw bad(name, "says neither true nor false; expected is a number or one of these words")
        }
    }

    /// The version that a record of a compacted view carries, and whether its row is a tombstone.
    func kept(in decoded: DecodedRecords, record: Int) throws(Fault) -> (version: WriteVersion, isDeleted: Bool) {
        guard case .text(let text) = decoded.cell(record: record, column: keptVersion),
            let version = WriteVersion(text: String(decoding: text, as: UTF8.self))
        else { throw bad("_v", "is no version, which each record of a compacted view carries") }
        return (version, try isDeleted(decoded.cell(record: record, column: keptDeleted), name: "_deleted"))
    }
}
