internal import SluiceCore

/// Divides bytes into the records of a file: one per line, blank lines left out, ends of line (LF or CRLF) cut off.
///
/// In CSV a line break within quotes belongs to its record. A quote that is never closed would swallow the rest of the
/// file: it is then taken for a fault of its own line, which becomes a record of its own (and is refused), and reading
/// goes on behind that line.
struct FileSourceLines {
    /// Most bytes of a record. A longer line becomes a record of this many bytes and one, so that whoever decodes it
    /// sees that it is too large; the rest of the line is skipped.
    static let recordLimit = 1 << 20

    var records: [RecordBatch.Record] = []
    /// Bytes up to the end of the last line taken.
    var consumed = 0
    /// Whether lines were left because there were records enough.
    var isFull = false

    /// - Parameters:
    ///   - base: the offset in the file of the first byte, where a line begins.
    ///   - isLast: whether nothing follows the bytes, so that what they end with is a whole line.
    init(
        of bytes: UnsafeBufferPointer<UInt8>, base: UInt64, ordinal: UInt32, limit: Int,
        format: FileSourceConfiguration.Format, isLast: Bool
    ) {
        records.reserveCapacity(min(limit, bytes.count / 32 + 1))
        while consumed < bytes.count {
            guard records.count < limit else {
                isFull = true
                return
            }
            guard let line = Self.line(in: bytes, from: consumed, format: format, isLast: isLast) else { return }
            if !Self.isBlank(bytes[line.content], format: format) {
                let position = Position(fileOrdinal: ordinal, offset: base + UInt64(line.content.lowerBound))
                records.append(
                    RecordBatch.Record(
                        offset: line.content.lowerBound, length: line.content.count, position: position))
            }
            consumed = line.end
        }
    }

    /// The line that begins at `start`, without and with its end; `nil` while it is not whole.
    static func line(
        in bytes: UnsafeBufferPointer<UInt8>, from start: Int, format: FileSourceConfiguration.Format, isLast: Bool
    ) -> (content: Range<Int>, end: Int)? {
        guard let physicalEnd = bytes.firstNewline(from: start) else {
            return isLast ? (start..<bytes.count, bytes.count) : nil
        }
        var end = physicalEnd
        if format == .csv, bytes.firstIndex(of: UInt8(ascii: "\""), from: start, to: end) != nil {
            switch quotedEnd(in: bytes, from: start) {
            case .some(let found) where found - start <= recordLimit: end = found
            case .none where !isLast && bytes.count - start <= recordLimit: return nil
            default: break
            }
        }
        let content = end > start && bytes[end - 1] == UInt8(ascii: "\r") ? start..<end - 1 : start..<end
        return (content, end + 1)
    }

    /// Whether the last line, which has no end, holds a whole JSON object: every bracket outside of its strings is
    /// closed. One that is cut off is never whole. What does not even begin as an object is nobody's half.
    static func endsWithWholeObject(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        guard bytes[start...].first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return true }
        var (depth, isInString, isEscaped) = (0, false, false)
        for byte in bytes[start...] {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
            }
        }
        return depth == 0 && !isInString
    }

    /// The first line break outside of quotes; `nil` when there is none yet. A quote opens only at a field's start;
    /// within quotes two of them stand for one; what follows the closing one up to the comma is taken as it is.
    private static func quotedEnd(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var place = start
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "\"") {
                repeat {
                    let quote = bytes.firstIndex(of: UInt8(ascii: "\""), from: place + 1, to: bytes.count)
                    guard let quote else { return nil }
                    place = quote + 1
                } while place < bytes.count && bytes[place] == UInt8(ascii: "\"")
            }
            while place < bytes.count, bytes[place] != UInt8(ascii: ",") {
                if bytes[place] == UInt8(ascii: "\n") { return place }
                place += 1
            }
            place += 1
        }
        return nil
    }

    private static func isBlank(_ line: Slice<UnsafeBufferPointer<UInt8>>, format: FileSourceConfiguration.Format)
        -> Bool
    {
        guard let first = line.first else { return true }
        guard format == .ndjson, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") else { return false }
        return line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }
}
