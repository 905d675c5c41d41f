internal import CZlib
internal import Glibc

/// Decompresses gzip (RFC 1952), member after member.
struct GzipDecoder: ~Copyable {
    /// What a step did.
    struct Step {
        enum Ending: Equatable {
            /// The input is used up, or the output is full.
            case more
            /// A member is whole; what follows is the next one.
            case memberEnd
            /// What is there is not gzip's, or not what was compressed.
            case damaged(String)
        }

        var used: Int
        var produced: Int
        var ending: Ending
    }

    // zlib keeps the address of its stream, so that lives on the heap.
    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16: a gzip header and nothing else; 15: the largest window.
        let code = inflateInit2_(stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib has memory, and the version that it was built against")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Decompresses as much of `input` as there is room for.
    func step(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(DiskFault) -> Step {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let code = inflate(stream, Z_NO_FLUSH)
        let (used, produced) = (
            input.count - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out)
        )
        switch code {
        // Without input or room zlib answers Z_BUF_ERROR, and can go on.
        case Z_OK, Z_BUF_ERROR: return Step(used: used, produced: produced, ending: .more)
        case Z_STREAM_END:
            inflateReset(stream)
            return Step(used: used, produced: produced, ending: .memberEnd)
        case Z_MEM_ERROR: throw DiskFault("decompress", code: ENOMEM)
        default: return Step(used: used, produced: produced, ending: .damaged(message(for: code)))
        }
    }

    /// Lends the text that more bytes hold, piece by piece in `room`. Returns what is wrong with them, `nil` if nothing.
    func decode<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer, in room: UnsafeMutableRawBufferPointer, onFault: (DiskFault) -> Failure,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> String? {
        var rest = bytes
        var isFull = false
        // A full room may have left more text within zlib than bytes before it.
        while !rest.isEmpty || isFull {
            let done: Step
            do throws(DiskFault) { done = try step(rest, into: room) } catch { throw onFault(error) }
            if case .damaged(let reason) = done.ending { return reason }
            try body(UnsafeRawBufferPointer(rebasing: room[..<done.produced]))
            rest = UnsafeRawBufferPointer(rebasing: rest[done.used...])
            isFull = done.produced == room.count
        }
        return nil
    }

    private func message(for code: Int32) -> String {
        if let message = stream.pointee.msg { return String(cString: message) }
        return code == Z_NEED_DICT ? "it needs a dictionary" : "zlib error \(code)"
    }
}
