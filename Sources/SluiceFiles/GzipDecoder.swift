internal import CZlib

/// Reads back what `GzipEncoder` wrote: gzip members, one after another.
final class GzipDecoder {
    private var stream = z_stream()
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 1)

    init() {
        let code = inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib has memory, and the version that it was built against")
    }

    deinit {
        inflateEnd(&stream)
        output.deallocate()
    }

    /// Lends the text that more bytes of the file hold; `false` if they are not gzip's.
    func inflate<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(bytes.count)
        repeat {
            stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_out = UInt32(output.count)
            let code = CZlib.inflate(&stream, Z_NO_FLUSH)
            guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { return false }
            try body(UnsafeRawBufferPointer(rebasing: output[..<(output.count - Int(stream.avail_out))]))
            if code == Z_STREAM_END { inflateReset(&stream) }
            // A full output may have left more text within zlib than bytes before it.
        } while stream.avail_in > 0 || stream.avail_out == 0
        return true
    }
}
