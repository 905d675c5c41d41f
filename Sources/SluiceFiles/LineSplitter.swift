/// Cuts pieces of text into lines; a line that is torn between two pieces is put together.
struct LineSplitter: ~Copyable {
    private var torn = LineBuffer(capacity: 4096)

    /// Whether the text so far ends without an end of line.
    var isWithinLine: Bool { torn.count > 0 }

    /// Bytes of the line that is torn.
    var bytesTorn: Int { torn.count }

    /// Lends each line that ends in this piece, with its end.
    mutating func take<Failure: Error>(
        _ piece: UnsafeRawBufferPointer, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        var rest = piece.bindMemory(to: UInt8.self)
        while let newline = rest.firstNewline() {
            let line = UnsafeBufferPointer(rebasing: rest[...newline])
            if torn.count > 0 {
                torn.append(line)
                try torn.withBytes { (bytes) throws(Failure) in try body(bytes.bindMemory(to: UInt8.self)) }
                torn.clear(keepingCapacity: 64 << 10)
            } else {
                try body(line)
            }
            rest = UnsafeBufferPointer(rebasing: rest[(newline + 1)...])
        }
        torn.append(rest)
    }
}
