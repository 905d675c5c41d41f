/// Writes BSON into a buffer that is used again and again.
///
///     length (4, all of it) | type (1) name 0 value | type (1) name 0 value | … | 0
struct BSONWriter {
    private(set) var bytes: [UInt8] = []
    /// Where the documents that are open begin.
    private var open: [Int] = []

    /// Empties it and opens a document.
    mutating func begin() {
        bytes.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        openDocument()
    }

    /// Opens a document within the one that is open; an array is a document whose names are `0`, `1`, ….
    mutating func begin(_ name: String, isArray: Bool = false) {
        appendHead(isArray ? 0x04 : 0x03, name)
        openDocument()
    }

    /// Closes the document opened last.
    mutating func end() {
        bytes.append(0)
        let start = open.removeLast()
        let length = UInt32(bytes.count - start)
        for place in 0..<4 { bytes[start + place] = UInt8(truncatingIfNeeded: length >> (8 * place)) }
    }

    mutating func append(_ name: String, _ text: String) {
        var text = text
        text.withUTF8 { append(name, $0) }
    }

    mutating func append(_ name: String, _ text: UnsafeBufferPointer<UInt8>) {
        appendHead(0x02, name)
        appendInteger(UInt32(text.count + 1))
        bytes.append(contentsOf: text)
        bytes.append(0)
    }

    mutating func append(_ name: String, _ number: Int64) {
        appendHead(0x12, name)
        appendInteger(UInt64(bitPattern: number))
    }

    mutating func append(_ name: String, _ number: Double) {
        appendHead(0x01, name)
        appendInteger(number.bitPattern)
    }

    mutating func append(_ name: String, _ truth: Bool) {
        appendHead(0x08, name)
        bytes.append(truth ? 1 : 0)
    }

    mutating func append(_ name: String, millisecondsSinceEpoch: Int64) {
        appendHead(0x09, name)
        appendInteger(UInt64(bitPattern: millisecondsSinceEpoch))
    }

    private mutating func openDocument() {
        open.append(bytes.count)
        bytes.append(contentsOf: [0, 0, 0, 0])
    }

    private mutating func appendHead(_ type: UInt8, _ name: String) {
        bytes.append(type)
        bytes.append(contentsOf: name.utf8)
        bytes.append(0)
    }

    private mutating func appendInteger(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
