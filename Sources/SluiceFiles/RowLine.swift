internal import SluiceCore

/// The columns of a row schema as they stand in a line: `,"name":` each, prepared once.
final class RowColumns {
    /// Kept, so that its identity stays its own.
    let schema: RowSchema
    private let prefixes: [UInt8]
    private let ends: [Int]

    init(_ schema: RowSchema) {
        self.schema = schema
        var prefixes: [UInt8] = []
        var ends: [Int] = []
        for column in schema.columns {
            prefixes += Array(",\"\(column)\":".utf8)
            ends.append(prefixes.count)
        }
        self.prefixes = prefixes
        self.ends = ends
    }

    @inline(__always)
    func append(_ column: Int, to line: inout LineBuffer) {
        prefixes.withUnsafeBufferPointer {
            line.append(.init(rebasing: $0[(column == 0 ? 0 : ends[column - 1])..<ends[column]]))
        }
    }
}

/// A row as a line of NDJSON:
///
///     {"_entity":"r42","_v":"00b8…","_event_time":"2024-05-01T12:00:00Z","_lane":"realtime","rider_id":"r42",…}
///
/// A column that is NULL is absent, as it is in the other sinks. A tombstone has `"_deleted":true` after the lane, and
/// no columns. Whole numbers are written with all their digits, doubles in the shortest text that reads back equal.
/// JSON has no infinity and no NaN: a row that holds one is refused.
enum RowLine {
    /// What stands before the time of day in each line of one date.
    static func timePrefix(date: String) -> [UInt8] { Array("\",\"_event_time\":\"\(date)T".utf8) }

    /// Appends a row; if it is refused, nothing. Returns the column that cannot be written, `nil` if all is well.
    ///
    /// - Parameters:
    ///   - timePrefix: that of the row's date.
    ///   - dayStart: midnight of that date in microseconds since 1970.
    static func append(
        _ row: Row, columns: RowColumns, timePrefix: [UInt8], dayStart: Int64, to line: inout LineBuffer
    ) -> String? {
        let start = line.count
        let version = row.version
        line.append("{\"_entity\":\"")
        row.withEntity { line.appendEscaped($0) }
        line.append("\",\"_v\":\"")
        version.write(to: line.room(WriteVersion.textLength))
        line.advance(WriteVersion.textLength)
        line.append(timePrefix)
        appendTimeOfDay(Int(version.eventTime.microseconds - dayStart), to: &line)
        switch version.lane {
        case .bootstrap: line.append("\",\"_lane\":\"bootstrap\"")
        case .realtime: line.append("\",\"_lane\":\"realtime\"")
        }
        if row.isDeleted {
            line.append(",\"_deleted\":true")
        } else {
            do throws(UnwritableColumn) {
                try appendCells(of: row, columns: columns, to: &line)
            } catch {
                line.truncate(to: start)
                return row.schema.columns[error.column]
            }
        }
        line.append("}\n")
        return nil
    }

    private struct UnwritableColumn: Error {
        let column: Int
    }

    private static func appendCells(
        of row: Row, columns: RowColumns, to line: inout LineBuffer
    ) throws(UnwritableColumn) {
        try row.forEachCell { (column, cell) throws(UnwritableColumn) in
            switch cell {
            case .null: return
            case .integer(let number):
                columns.append(column, to: &line)
                line.append(number)
            case .real(let number):
                guard number.isFinite else { throw UnwritableColumn(column: column) }
                columns.append(column, to: &line)
                line.append(number)
            case .text(let text):
                columns.append(column, to: &line)
                line.append(UInt8(ascii: "\""))
                line.appendEscaped(text)
                line.append(UInt8(ascii: "\""))
            }
        }
    }

    /// `12:00:00Z`, with six decimals where there are any.
    private static func appendTimeOfDay(_ microseconds: Int, to line: inout LineBuffer) {
        let (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        line.append(seconds / 3600, digits: 2)
        line.append(UInt8(ascii: ":"))
        line.append(seconds / 60 % 60, digits: 2)
        line.append(UInt8(ascii: ":"))
        line.append(seconds % 60, digits: 2)
        if fraction != 0 {
            line.append(UInt8(ascii: "."))
            line.append(fraction, digits: 6)
        }
        line.append(UInt8(ascii: "Z"))
    }
}
