public import SluiceCore

/// Which files are a stream, for which sink they are read, and when their end is the end.
public struct FileSourceConfiguration: Sendable, Hashable {
    /// How the lines of a file are to be read.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// One JSON object per line.
        case ndjson
        /// RFC 4180 with a header; each file has its own.
        case csv
    }

    public var stream: StreamID
    /// The sink whose cursor this is.
    public var sink: String
    /// A file, a folder or a glob(3) pattern.
    public var path: String
    public var format: Format
    /// Whether what is there now is all there will be, as when a run drains its streams: a last line without its end
    /// is then a record, and an archive that ends too early is damaged. Otherwise both wait for more.
    public var endsAtLastByte: Bool
    /// Most files held open at a time; at least 2.
    public var openFiles: Int

    public init(
        stream: StreamID, sink: String, path: String, format: Format, endsAtLastByte: Bool = false,
        openFiles: Int = 64
    ) {
        precondition(openFiles >= 2, "a file source reads at least two files in turn")
        self.stream = stream
        self.sink = sink
        self.path = path
        self.format = format
        self.endsAtLastByte = endsAtLastByte
        self.openFiles = openFiles
    }
}
