import Glibc

/// A new file that is written from front to end through a buffer of 256 KiB.
struct OutputFile: ~Copyable {
    private static let bufferSize = 256 << 10

    private let path: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    /// Bytes appended so far: where the next ones will stand.
    private(set) var offset: UInt64 = 0

    /// Fails if the file is there already.
    init(path: String) throws(RidesError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .cannotCreate(path: path, code: errno) }
        buffer.reserveCapacity(Self.bufferSize)
    }

    deinit {
        // Only a file whose writing failed is still open here, and that failure is what matters.
        if descriptor >= 0 { _ = close(descriptor) }
    }

    mutating func append(_ bytes: [UInt8]) throws(RidesError) {
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        buffer.append(contentsOf: bytes)
        offset += UInt64(bytes.count)
    }

    /// Writes what is buffered and closes the file.
    mutating func finish() throws(RidesError) {
        try flush()
        let closing = descriptor
        descriptor = -1
        guard close(closing) == 0 else { throw .cannotWrite(path: path, code: errno) }
    }

    private mutating func flush() throws(RidesError) {
        var written = 0
        while written < buffer.count {
            let count = buffer.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .cannotWrite(path: path, code: errno)
            }
            written += count
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Makes a folder and those above it, where they are missing.
func makeFolder(_ path: String) throws(RidesError) {
    var missing: [String] = []
    var folder = path
    while !folder.isEmpty, access(folder, F_OK) != 0 {
        missing.append(folder)
        guard let slash = folder.lastIndex(of: "/") else { break }
        folder = String(folder[..<slash])
    }
    for folder in missing.reversed() where mkdir(folder, 0o755) != 0 && errno != EEXIST {
        throw .cannotCreate(path: folder, code: errno)
    }
}
