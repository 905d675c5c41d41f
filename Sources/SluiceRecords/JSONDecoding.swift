internal import CSimdjson
internal import SluiceCore

/// One decoder of simdjson: JSON objects to the cells of wanted members.
final class JSONDecoding {
    enum Verdict {
        case record
        /// It has the marking member.
        case marked
        case refused(RefusalReason, String)
    }

    private let handle: OpaquePointer
    private let names: [String]

    init(names: [String], marking: String?) {
        self.names = names + (marking.map { [$0] } ?? [])
        let lengths = self.names.map(\.utf8.count)
        // All names in one piece of memory, and where each begins.
        let bytes = self.names.flatMap(\.utf8) + [0]
        let created = bytes.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress!
            let starts = lengths.map { length -> UnsafePointer<UInt8>? in
                defer { next += length }
                return next
            }
            return sluice_json_decoder_create(
                starts, lengths, names.count, marking == nil ? nil : starts.last!, marking == nil ? 0 : lengths.last!)
        }
        guard let created else { fatalError("no memory for a decoder of JSON") }
        handle = created
    }

    deinit { sluice_json_decoder_destroy(handle) }

    /// Begins a batch of at most so many bytes; text that was decoded before is gone.
    func begin(bytes: Int) { sluice_json_decoder_begin(handle, bytes) }

    /// Reads a record into one cell per name; `RecordBatch.padding` bytes behind it are readable.
    func decode(_ record: UnsafeBufferPointer<UInt8>, into cells: UnsafeMutablePointer<sluice_json_cell>) -> Verdict {
        var column = 0
        let text = record.withoutByteOrderMark
        guard let start = text.baseAddress else { return .refused(.unreadable, "it is empty") }
        switch sluice_json_decode(handle, start, text.count, Int32(RecordLimits.depth), cells, &column) {
        case SLUICE_JSON_RECORD: return .record
        case SLUICE_JSON_MARKED: return .marked
        case SLUICE_JSON_NOT_UTF8: return .refused(.unreadable, "it is not UTF-8")
        case SLUICE_JSON_NOT_AN_OBJECT: return .refused(.unreadable, "it is not a JSON object")
        case SLUICE_JSON_TOO_DEEP:
            return .refused(.tooLarge, "objects and arrays are nested deeper than \(RecordLimits.depth) levels")
        case SLUICE_JSON_WIDE_INTEGER:
            return .refused(.badValue, "the integer in `\(names[column])` does not fit 64 bits")
        case SLUICE_JSON_WIDE_REAL:
            return .refused(.badValue, "the number in `\(names[column])` is beyond what a double holds")
        case SLUICE_JSON_DUPLICATE: return .refused(.unreadable, "the member `\(names[column])` stands twice")
        case SLUICE_JSON_NO_MEMORY: fatalError("no memory to read JSON")
        default: return .refused(.unreadable, "it is not valid JSON")
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Writers on some systems open a file with the mark U+FEFF; it is no part of the first record.
    var withoutByteOrderMark: UnsafeBufferPointer<UInt8> {
        count >= 3 && self[0] == 0xef && self[1] == 0xbb && self[2] == 0xbf
            ? UnsafeBufferPointer(rebasing: self[3...]) : self
    }
}
