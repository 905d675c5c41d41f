internal import SluiceCore

/// A file's bytes as its lines see them, decompressed where it is an archive.
protocol FileSourceContent: AnyObject {
    /// `count` bytes from `offset` on, or as many as there are, in an array with room for a batch's padding.
    ///
    /// Reading onwards is cheap. Going back costs an archive as much as reading it from its beginning.
    func chunk(at offset: UInt64, count: Int) throws(SourceTrouble) -> FileSourceChunk

    func status() throws(SourceTrouble) -> FileStatus
}

/// Bytes of a file, and what follows them.
struct FileSourceChunk {
    enum Ending: Equatable {
        /// Perhaps more bytes.
        case more
        /// The file's present end; it may grow.
        case open
        /// The end of an archive whose last member is whole: a last line is complete.
        case closed
        /// The archive cannot be read any further.
        case damaged(String)
        /// The archive is whole and ends before the offset that was asked for.
        case tooShort
    }

    var bytes: [UInt8]
    var ending: Ending
}

/// The bytes of a file that is not compressed.
final class PlainContent: FileSourceContent {
    private let file: OpenFile

    init(_ file: consuming OpenFile) { self.file = file }

    func chunk(at offset: UInt64, count: Int) throws(SourceTrouble) -> FileSourceChunk {
        let bytes = try reading { () throws(DiskFault) in
            try file.bytes(at: offset, count: count, spare: RecordBatch.padding)
        }
        return FileSourceChunk(bytes: bytes, ending: bytes.count < count ? .open : .more)
    }

    func status() throws(SourceTrouble) -> FileStatus {
        try reading { () throws(DiskFault) in try file.status() }
    }
}
