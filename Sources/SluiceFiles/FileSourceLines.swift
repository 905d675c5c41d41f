internal import Glibc
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
        guard let physicalEnd = newline(in: bytes, from: start) else {
            return isLast ? (start..<bytes.count, bytes.count) : nil
        }
        var end = physicalEnd
        if format == .csv, contains(UInt8(ascii: "\""), in: bytes, start..<end) {
            switch quotedEnd(in: bytes, from: start) {
            case .some(let found) where found - start <= recordLimit: end = found
            case .none where !isLast && bytes.count - start <= recordLimit: return nil
            default: break
            }
        }
        let content = end > start && bytes[end - 1] == UInt8(ascii: "\r") ? start..<end - 1 : start..<end
        return (content, end + 1)
    }

    static func newline(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, CInt(UInt8(ascii: "\n")), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }

    private static func contains(_ byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        !range.isEmpty && memchr(bytes.baseAddress! + range.lowerBound, CInt(byte), range.count) != nil
    }

    /// The first line break outside of quotes; `nil` when there is none yet.
    ///
    /// | where | `"` | `,` | line break | else |
    /// | --- | --- | --- | --- | --- |
    /// | field's start | quoted | start | **end** | unquoted |
    /// | unquoted | unquoted | start | **end** | unquoted |
    /// | quoted | closing | quoted | quoted | quoted |
    /// | closing | quoted (an escaped quote) | start | **end** | unquoted |
    private static func quotedEnd(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        enum Place { case fieldStart, unquoted, quoted, closing }
        var place = Place.fieldStart
        for index in start..<bytes.count {
            switch (place, bytes[index]) {
            case (.quoted, UInt8(ascii: "\"")): place = .closing
            case (.quoted, _): continue
            case (.fieldStart, UInt8(ascii: "\"")), (.closing, UInt8(ascii: "\"")): place = .quoted
            case (_, UInt8(ascii: "\n")): return index
            case (_, UInt8(ascii: ",")): place = .fieldStart
            default: place = .unquoted
            }
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
