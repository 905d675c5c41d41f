/// What is wrong with a line of CSV.
struct MalformedCSV: Error {
    let detail: String
}

/// The fields of one line, one after another.
struct CSVFields {
    struct Field {
        /// Without the quotes around it.
        let text: UnsafeBufferPointer<UInt8>
        let hasDoubledQuotes: Bool
    }

    private let line: UnsafeBufferPointer<UInt8>
    private var place = 0
    private var isAtEnd = false

    init(_ line: UnsafeBufferPointer<UInt8>) {
        self.line = line.last == UInt8(ascii: "\r") ? UnsafeBufferPointer(rebasing: line.dropLast()) : line
    }

    /// The next field; `nil` after the last.
    mutating func next() throws(MalformedCSV) -> Field? {
        if isAtEnd { return nil }
        let field = place < line.count && line[place] == quote ? try quoted() : try plain()
        if place == line.count {
            isAtEnd = true
        } else if line[place] == comma {
            place += 1
        } else {
            throw MalformedCSV(detail: "text follows the closing quote of a field")
        }
        return field
    }

    private mutating func plain() throws(MalformedCSV) -> Field {
        let start = place
        while place < line.count, line[place] != comma {
            if line[place] == quote {
                throw MalformedCSV(detail: "a quote stands in a field that does not begin with one")
            }
            place += 1
        }
        return Field(text: UnsafeBufferPointer(rebasing: line[start..<place]), hasDoubledQuotes: false)
    }

    private mutating func quoted() throws(MalformedCSV) -> Field {
        place += 1
        let start = place
        var hasDoubledQuotes = false
        while place < line.count {
            if line[place] != quote {
                place += 1
            } else if place + 1 < line.count, line[place + 1] == quote {
                hasDoubledQuotes = true
                place += 2
            } else {
                place += 1
                return Field(
                    text: UnsafeBufferPointer(rebasing: line[start..<place - 1]), hasDoubledQuotes: hasDoubledQuotes)
            }
        }
        throw MalformedCSV(detail: "a quoted field does not end on its line; a record is one line")
    }
}

private let quote = UInt8(ascii: "\"")
private let comma = UInt8(ascii: ",")
