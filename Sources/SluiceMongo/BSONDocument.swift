/// A BSON document as a server sent it, read as far as it is asked.
struct BSONDocument: Equatable {
    /// A value, of the types that replies and the sink's own rows have.
    enum Value: Equatable {
        case double(Double)
        case text([UInt8])
        case document(BSONDocument)
        case array(BSONDocument)
        case bool(Bool)
        case milliseconds(Int64)
        case null
        case integer(Int64)
        /// Of another type.
        case other
    }

    /// The fields, without the length before and the zero behind them.
    private let content: ArraySlice<UInt8>

    init(bytes: ArraySlice<UInt8>) { content = bytes.dropFirst(4).dropLast() }

    private init(content: ArraySlice<UInt8>) { self.content = content }

    /// Its fields in order. What follows a damaged one is left out.
    var fields: [(name: String, value: Value)] {
        var reader = Reader(rest: content)
        var fields: [(name: String, value: Value)] = []
        while let field = reader.field() { fields.append(field) }
        return fields
    }

    subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }

    /// The integer of that name; 0 where there is none.
    func integer(_ name: String) -> Int64 {
        if case .integer(let number)? = self[name] { number } else { 0 }
    }

    /// The text of that name, for messages; empty where there is none.
    func text(_ name: String) -> String {
        if case .text(let text)? = self[name] { String(decoding: text, as: UTF8.self) } else { "" }
    }

    /// The documents in the array of that name.
    func documents(_ name: String) -> [BSONDocument] {
        guard case .array(let array)? = self[name] else { return [] }
        return array.fields.compactMap { if case .document(let document) = $0.value { document } else { nil } }
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func field() -> (name: String, value: Value)? {
            guard let type = rest.popFirst(), let end = rest.firstIndex(of: 0) else { return nil }
            let name = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            return value(type).map { (name, $0) }
        }

        private mutating func value(_ type: UInt8) -> Value? {
            switch type {
            case 0x01: integer(UInt64.self).map { .double(Double(bitPattern: $0)) }
            case 0x02: sized { $0 }.map { .text(Array($0.dropLast())) }
            case 0x03: document().map { .document($0) }
            case 0x04: document().map { .array($0) }
            case 0x05: integer(Int32.self).flatMap { take(Int($0) + 1) }.map { _ in .other }
            case 0x07: take(12).map { _ in .other }
            case 0x08: take(1).map { .bool($0.first == 1) }
            case 0x09: integer(Int64.self).map { .milliseconds($0) }
            case 0x0a: .null
            case 0x10: integer(Int32.self).map { .integer(Int64($0)) }
            case 0x11: take(8).map { _ in .other }
            case 0x12: integer(Int64.self).map { .integer($0) }
            case 0x13: take(16).map { _ in .other }
            default: nil
            }
        }

        private mutating func document() -> BSONDocument? {
            sized { $0 - 4 }.map { BSONDocument(content: $0.dropLast()) }
        }

        /// What follows a length, of which `count` makes the number of bytes.
        private mutating func sized(_ count: (Int) -> Int) -> ArraySlice<UInt8>? {
            integer(Int32.self).flatMap { take(count(Int($0))) }
        }

        private mutating func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer? {
            take(MemoryLayout<Integer>.size).map { bytes in
                bytes.reversed().reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
            }
        }

        private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count >= 0, rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
    }
}
