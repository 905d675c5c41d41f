internal import CSimdjson

/// Lines of CSV (RFC 4180) under one header to the cells of wanted columns.
///
/// A field in quotes may hold commas and doubled quotes, but no line end, since a record is a line. Every field is text,
/// and an empty one is NULL, in quotes or not.
struct CSVDecoding: ~Copyable {
    let header: [String]
    private let width: Int
    /// Per field of a line, the wanted column that it fills.
    private let targets: [Int?]
    /// Why nothing under this header can be read.
    private let fault: String?
    // Fields with doubled quotes are undone here. They shrink by it, so the bytes of the batch suffice.
    private var arena: UnsafeMutableBufferPointer<UInt8>
    private var used = 0
    private var needed = 0

    init(header: [String], columns: [String]) {
        self.header = header
        width = columns.count
        targets = header.map { columns.firstIndex(of: $0) }
        let twice = columns.first { column in header.count { $0 == column } > 1 }
        fault = twice.map { "the header names the column `\($0)` twice" }
        arena = .allocate(capacity: 0)
    }

    deinit { arena.deallocate() }

    /// Begins a batch of at most so many bytes; text that was decoded before is gone.
    mutating func begin(bytes: Int) {
        used = 0
        needed = bytes
    }

    /// Reads a line into one cell per wanted column.
    mutating func decode(
        _ line: UnsafeBufferPointer<UInt8>, into cells: UnsafeMutablePointer<sluice_json_cell>
    ) throws(MalformedCSV) {
        if let fault { throw MalformedCSV(detail: fault) }
        guard isUTF8(line) else { throw MalformedCSV(detail: "it is not UTF-8") }
        for column in 0..<width { cells[column] = .null }
        var fields = CSVFields(line)
        var place = 0
        while let field = try fields.next() {
            if place < targets.count, let column = targets[place], !field.text.isEmpty {
                cells[column] = sluice_json_cell(text: field.hasDoubledQuotes ? undoubled(field.text) : field.text)
            }
            place += 1
        }
        guard place == targets.count else {
            throw MalformedCSV(detail: "it has \(place) fields; the header has \(targets.count)")
        }
    }

    private mutating func undoubled(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        if arena.count < needed {
            // Nothing points here yet: the arena grows only at the first use within a batch.
            arena.deallocate()
            arena = .allocate(capacity: needed)
        }
        let start = used
        var place = 0
        while place < text.count {
            arena[used] = text[place]
            used += 1
            place += text[place] == UInt8(ascii: "\"") ? 2 : 1
        }
        return UnsafeBufferPointer(rebasing: arena[start..<used])
    }
}
