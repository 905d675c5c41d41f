/// How the bytes of a record are to be read.
public enum RecordFormat: Hashable, Sendable {
    /// One JSON object.
    case json
    /// A line of CSV under these column names; every field is text, an empty one NULL.
    case csv(header: [String])
}

/// Records as a source read them, in order, from one partition of a stream: bytes and positions, nothing decoded.
///
/// It is the unit that crosses threads, and the unit that is settled: the cursor moves over a batch when each of its
/// records is settled.
public final class RecordBatch: Sendable {
    /// Bytes that may be read past the last record, all zero; simdjson reads ahead.
    public static let padding = 64

    public struct Record: Sendable {
        /// Where the record's bytes begin in `bytes`, and how many there are (the end of line is not among them).
        public let offset: Int
        public let length: Int
        public let position: Position

        public init(offset: Int, length: Int, position: Position) {
            self.offset = offset
            self.length = length
            self.position = position
        }
    }

    public let format: RecordFormat
    /// The ordinal of the file that the records stand in; 0 for streams without partitions.
    public let partition: UInt32
    public let records: [Record]
    /// Where to read on once all of this is settled: for a file the offset behind the last record.
    public let end: Position
    private let storage: [UInt8]

    /// - Parameter bytes: the records' bytes; padding is appended here.
    public init(
        format: RecordFormat, partition: UInt32, bytes: consuming [UInt8], records: [Record], end: Position
    ) {
        self.format = format
        self.partition = partition
        self.records = records
        self.end = end
        var padded = bytes
        padded.append(contentsOf: repeatElement(0, count: Self.padding))
        storage = padded
    }

    /// Bytes that the batch holds in memory.
    public var byteCount: Int { storage.count }

    /// Lends the bytes of all records, `padding` included.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try storage.withUnsafeBufferPointer(body)
    }

    /// The bytes of one record.
    public func bytes(of index: Int) -> ArraySlice<UInt8> {
        let record = records[index]
        return storage[record.offset..<record.offset + record.length]
    }
}
