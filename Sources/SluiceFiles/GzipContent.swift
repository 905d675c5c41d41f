internal import CZlib
internal import SluiceCore

/// The bytes in a gzip archive (RFC 1952), of one member or several, perhaps still growing.
///
/// Memory is bounded whatever the archive expands to: 128 KiB of buffers, zlib's window, and what was asked for. Zeros
/// behind a member are padding; anything else there that is no member is damage.
final class GzipContent: FileSourceContent {
    private static let bufferSize = 64 << 10

    private enum State: Equatable {
        case betweenMembers
        case inMember
        case damaged(String)
    }

    private enum Step {
        case produced
        case end(FileSourceChunk.Ending)
    }

    private let file: FileSourceDescriptor
    private var inflater = Inflater()
    private let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bufferSize)
    private let output = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bufferSize)
    /// What of `input` is not used up.
    private var rest = 0..<0
    /// Where in the file `input` is to be filled from next.
    private var fileOffset: UInt64 = 0
    private var state = State.betweenMembers
    private var membersEnded = false
    /// Decompressed bytes that were not yet asked past, and where they begin.
    private var pending: [UInt8] = []
    private var pendingOffset: UInt64 = 0

    init(_ file: consuming FileSourceDescriptor) { self.file = file }

    deinit {
        input.deallocate()
        output.deallocate()
    }

    func status() throws(SourceTrouble) -> FileSourceStatus { try file.status() }

    func chunk(at offset: UInt64, count: Int) throws(SourceTrouble) -> FileSourceChunk {
        if offset < pendingOffset { rewind() }
        forget(upTo: offset)
        while pendingOffset < offset {
            let step = try inflate(atMost: Self.bufferSize)
            forget(upTo: offset)
            if case .end(let ending) = step, pendingOffset < offset {
                return FileSourceChunk(bytes: [], ending: ending == .closed ? .tooShort : ending)
            }
        }
        var ending = FileSourceChunk.Ending.more
        while pending.count < count, ending == .more {
            if case .end(let end) = try inflate(atMost: count - pending.count) { ending = end }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(count, pending.count) + RecordBatch.padding)
        bytes.append(contentsOf: pending.prefix(count))
        return FileSourceChunk(bytes: bytes, ending: pending.count > count ? .more : ending)
    }

    private func rewind() {
        inflater = Inflater()
        rest = 0..<0
        fileOffset = 0
        state = .betweenMembers
        membersEnded = false
        pending.removeAll()
        pendingOffset = 0
    }

    private func forget(upTo offset: UInt64) {
        guard offset > pendingOffset else { return }
        let count = Int(min(UInt64(pending.count), offset - pendingOffset))
        pending.removeFirst(count)
        pendingOffset += UInt64(count)
    }

    /// Decompresses some bytes to the end of `pending`.
    private func inflate(atMost limit: Int) throws(SourceTrouble) -> Step {
        while true {
            if case .damaged(let reason) = state { return .end(.damaged(reason)) }
            if rest.isEmpty, try !refill() { return .end(state == .betweenMembers ? .closed : .open) }
            switch state {
            case .damaged: continue
            case .betweenMembers: beginMember()
            case .inMember:
                let before = pending.count
                try inflateMember(atMost: limit)
                if pending.count > before { return .produced }
            }
        }
    }

    private func refill() throws(SourceTrouble) -> Bool {
        let count = try file.read(into: UnsafeMutableRawBufferPointer(input), at: fileOffset)
        fileOffset += UInt64(count)
        rest = 0..<count
        return count > 0
    }

    private func beginMember() {
        if membersEnded, input[rest.lowerBound] == 0 {
            rest = (input[rest].firstIndex { $0 != 0 } ?? rest.upperBound)..<rest.upperBound
        } else {
            inflater.reset()
            state = .inMember
        }
    }

    private func inflateMember(atMost limit: Int) throws(SourceTrouble) {
        let source = UnsafeMutableBufferPointer(rebasing: input[rest])
        let target = UnsafeMutableBufferPointer(rebasing: output[..<min(limit, Self.bufferSize)])
        let result = inflater.inflate(source, into: target)
        pending.append(contentsOf: target[..<result.produced])
        rest = rest.lowerBound + result.used..<rest.upperBound
        switch result.code {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            state = .betweenMembers
            membersEnded = true
        case Z_MEM_ERROR: throw .unreachable("zlib has no memory")
        default:
            let place = fileOffset - UInt64(rest.count)
            state = .damaged("\(inflater.message(for: result.code)) near byte \(place) of the archive")
        }
    }
}

/// Owner of a zlib stream. zlib keeps the stream's address, so it lives on the heap.
private struct Inflater: ~Copyable {
    struct Result {
        var used: Int
        var produced: Int
        var code: CInt
    }

    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16: a gzip header and nothing else; 15: the largest window.
        let code = inflateInit2_(stream, 16 + 15, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib is the version that it was built for, and has memory")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func reset() {
        let code = inflateReset(stream)
        precondition(code == Z_OK, "a stream that was initialised can be reset")
    }

    func inflate(_ input: UnsafeMutableBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>) -> Result {
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = uInt(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = uInt(output.count)
        let code = CZlib.inflate(stream, Z_NO_FLUSH)
        return Result(
            used: input.count - Int(stream.pointee.avail_in), produced: output.count - Int(stream.pointee.avail_out),
            code: code)
    }

    func message(for code: CInt) -> String {
        if let message = stream.pointee.msg { return String(cString: message) }
        return code == Z_NEED_DICT ? "it needs a dictionary" : "zlib error \(code)"
    }
}
