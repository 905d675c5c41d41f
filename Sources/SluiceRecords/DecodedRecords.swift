internal import CSimdjson
public import SluiceCore

/// The wanted columns of a batch, lent: valid only within the closure that it is given to.
public struct DecodedRecords {
    /// The data records that could be read, by their index in the batch, in order.
    public let data: [Int]
    public let refusals: [RecordRefusal]
    public let controls: [(record: Int, control: ControlRecord)]
    private let cells: UnsafePointer<sluice_json_cell>
    private let width: Int

    init(
        data: [Int], refusals: [RecordRefusal], controls: [(record: Int, control: ControlRecord)],
        cells: UnsafePointer<sluice_json_cell>, width: Int
    ) {
        self.data = data
        self.refusals = refusals
        self.controls = controls
        self.cells = cells
        self.width = width
    }

    /// The value of a wanted column; NULL where the record has no such member.
    ///
    /// - Parameter record: one of `data`.
    public func cell(record: Int, column: Int) -> Cell { Cell(cells[record * width + column]) }
}

extension Cell {
    init(_ cell: sluice_json_cell) {
        switch cell.kind {
        case SLUICE_JSON_INTEGER.rawValue: self = .integer(Int64(bitPattern: cell.bits))
        case SLUICE_JSON_REAL.rawValue: self = .real(Double(bitPattern: cell.bits))
        case SLUICE_JSON_TEXT.rawValue:
            self = .text(.init(start: UnsafePointer(bitPattern: UInt(cell.bits)), count: Int(cell.length)))
        default: self = .null
        }
    }
}

extension sluice_json_cell {
    static let null = sluice_json_cell(bits: 0, length: 0, kind: SLUICE_JSON_NULL.rawValue)

    init(text: UnsafeBufferPointer<UInt8>) {
        self.init(
            bits: UInt64(UInt(bitPattern: text.baseAddress)), length: UInt32(text.count),
            kind: SLUICE_JSON_TEXT.rawValue
        )
    }
}
