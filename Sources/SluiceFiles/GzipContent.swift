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

    private let file: OpenFile
    private var decoder = GzipDecoder()
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 1)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 1)
    /// What of `input` is not used up.
    private var rest = 0..<0
    /// Where in the file `input` is to be filled from next.
    private var fileOffset: UInt64 = 0
    private var state = State.betweenMembers
    private var membersEnded = false
    /// Decompressed bytes that were not yet asked past, and where they begin.
    private var pending: [UInt8] = []
    private var pendingOffset: UInt64 = 0

    init(_ file: consuming OpenFile) { self.file = file }

    deinit {
        input.deallocate()
        output.deallocate()
    }

    func status() throws(SourceTrouble) -> FileStatus {
        try reading { () throws(DiskFault) in try file.status() }
    }

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
        decoder = GzipDecoder()
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
        let count = try reading { () throws(DiskFault) in try file.read(into: input, at: fileOffset) }
        fileOffset += UInt64(count)
        rest = 0..<count
        return count > 0
    }

    private func beginMember() {
        if membersEnded, input[rest.lowerBound] == 0 {
            rest = (input[rest].firstIndex { $0 != 0 } ?? rest.upperBound)..<rest.upperBound
        } else {
            state = .inMember
        }
    }

    private func inflateMember(atMost limit: Int) throws(SourceTrouble) {
        let source = UnsafeRawBufferPointer(rebasing: input[rest])
        let target = UnsafeMutableRawBufferPointer(rebasing: output[..<min(limit, Self.bufferSize)])
        let step = try reading { () throws(DiskFault) in try decoder.step(source, into: target) }
        pending.append(contentsOf: target[..<step.produced])
        rest = rest.lowerBound + step.used..<rest.upperBound
        switch step.ending {
        case .more: break
        case .memberEnd:
            state = .betweenMembers
            membersEnded = true
        case .damaged(let reason):
            state = .damaged("\(reason) near byte \(fileOffset - UInt64(rest.count)) of the archive")
        }
    }
}
