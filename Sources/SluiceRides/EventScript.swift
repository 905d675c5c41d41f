import SluiceCore

/// When a record is made, and how it came.
struct Moment {
    let lane: Lane
    /// The event time that the stream has reached, in microseconds; late records already lie back.
    let time: Int64
    /// What is wrong with the record that is to be made.
    let fault: Fault?
    let options: RidesOptions
}

/// One stream's story: it writes records, and says of each what must become of it in the stream's feature.
protocol EventScript {
    associatedtype Columns: ExpectedColumns

    /// The stream's folder.
    static var stream: String { get }
    /// The shipped feature that reads the stream.
    static var feature: String { get }
    /// The lanes by which the stream comes.
    static var lanes: [Lane] { get }
    /// The faults that fit its records.
    static var faults: [Fault] { get }
    /// How long rows live, in microseconds.
    static var retention: Int64? { get }

    init(options: RidesOptions)

    /// Appends one JSON object to the empty `line`.
    mutating func write(
        _ moment: Moment, to line: inout JSONText, using random: inout RandomNumbers
    ) -> Effect<Columns>
}

/// What the shipped SQL makes of a record's values.
protocol ExpectedColumns {
    /// The entity's text, as sinks key it.
    var entity: String { get }
    /// Writes each selected column as a member.
    func write(to json: inout JSONText)
}

/// What must become of a record.
enum Effect<Columns> {
    case filtered
    case refused(RefusalReason)
    case rows([Change<Columns>])
    /// It makes one row, of an entity that no other record speaks of, whose retention is over.
    case expired
}

/// A row.
struct Change<Columns> {
    /// The entity's number within the script.
    let entity: Int
    /// Microseconds since 1970.
    let time: Int64
    var revision: UInt32 = 0
    var isDeleted = false
    let columns: Columns
}
