internal import CZlib

/// Compresses pieces of text, each into a gzip member of its own; a file of several members is read as one text.
///
/// One encoder serves all segments of a sink, so that its 260 KiB are not needed once per open file.
final class GzipEncoder {
    private var stream = z_stream()
    private var output: [UInt8] = []

    init() {
        // Level 4: four fifths of what level 6 saves, at half its time. 31 asks for gzip's frame with a window of 32 KiB.
        let code = deflateInit2_(
            &stream, 4, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib has memory, and the version that it was built against")
    }

    deinit { deflateEnd(&stream) }

    /// Lends a member that holds `text`.
    func withMember<Failure: Error>(
        of text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(deflateReset(&stream) == Z_OK, "a deflate stream that was set up can be used again")
        let bound = Int(deflateBound(&stream, UInt(text.count)))
        if output.count < bound { output = [UInt8](repeating: 0, count: bound) }
        let length = output.withUnsafeMutableBufferPointer { output in
            stream.next_in = UnsafeMutablePointer(
                mutating: text.baseAddress?.assumingMemoryBound(to: UInt8.self))
            stream.avail_in = UInt32(text.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflateBound leaves room for all")
            return output.count - Int(stream.avail_out)
        }
        try output.withUnsafeBufferPointer { (output) throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output)[..<length]))
        }
    }
}

/// Adds bytes to a CRC-32, as gzip and PNG have it; the first is added to 0.
func crc32(_ crc: UInt32, adding bytes: UnsafeRawBufferPointer) -> UInt32 {
    UInt32(
        truncatingIfNeeded: crc32_z(UInt(crc), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
}
