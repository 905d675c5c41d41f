import CZlib
import Foundation
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceFiles

extension TemporaryFolder {
    func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

    /// Writes in place: the inode of an existing file stays.
    func write(_ data: Data, to name: String) throws {
        let url = try place(name)
        if FileManager.default.fileExists(atPath: url.path) {
            let handle = try FileHandle(forWritingTo: url)
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: data)
            try handle.close()
        } else {
            try data.write(to: url)
        }
    }

    func append(_ text: String, to name: String) throws { try append(Data(text.utf8), to: name) }

    func append(_ data: Data, to name: String) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(path)/\(name)"))
        try handle.seekToEnd()
        try handle.write(contentsOf: data)
        try handle.close()
    }

    /// Writes a new file and renames it over the old one: the inode changes.
    func replace(_ name: String, with text: String) throws {
        try write(text, to: "_new")
        #expect(rename("\(path)/_new", "\(path)/\(name)") == 0)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    private func place(_ name: String) throws -> URL {
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        return url
    }
}

/// A coordination store in memory, by the rules of `CoordinationStore`.
final class MemoryCoordination: CoordinationStore {
    private struct State {
        var files: [StreamID: [(path: String, identity: FileIdentity)]] = [:]
        var cursors: [CursorKey: [UInt32: FileCursor]] = [:]
        var failures = 0
        var moves = 0
    }

    private struct CursorKey: Hashable {
        var stream: StreamID
        var sink: String
    }

    private let state = Mutex(State())

    /// Calls of `move` that are still to fail.
    func failMoves(_ count: Int) { state.withLock { $0.failures = count } }

    var moves: Int { state.withLock { $0.moves } }

    func ordinals(of files: [FileSighting], stream: StreamID) -> [UInt32] {
        state.withLock { state in
            files.map { file in
                let known = state.files[stream, default: []].enumerated()
                    .filter { $0.element.path.utf8.elementsEqual(file.path.utf8) }.map {
                        (UInt32($0.offset), $0.element.identity)
                    }
                if let ordinal = file.registration(among: known) { return ordinal }
                state.files[stream, default: []].append((file.path, file.identity))
                return UInt32(state.files[stream]!.count - 1)
            }
        }
    }

    func cursors(of stream: StreamID, sink: String) -> [UInt32: FileCursor] {
        state.withLock { $0.cursors[CursorKey(stream: stream, sink: sink)] ?? [:] }
    }

    func move(_ cursors: [CursorMove]) throws(CoordinationTrouble) {
        let isRefused = state.withLock { state in
            if state.failures > 0 {
                state.failures -= 1
                return true
            }
            state.moves += 1
            for move in cursors {
                state.cursors[CursorKey(stream: move.stream, sink: move.sink), default: [:]][move.ordinal] = move.cursor
            }
            return false
        }
        if isRefused { throw .unavailable("as the test wants it") }
    }
}

/// A clock that stands still until it is told otherwise.
final class StillClock {
    private var nanoseconds: Int64 = 0
    var now: MonotonicTime { MonotonicTime(nanoseconds: nanoseconds) }
    func advance(_ duration: Duration) { nanoseconds += duration.nanoseconds }
}

/// A record as a test sees it.
struct Seen: Hashable, CustomStringConvertible {
    var position: Position
    var text: String
    var description: String { "\(position.fileOrdinal)+\(position.fileOffset) \(text)" }

    init(_ ordinal: UInt32, _ offset: UInt64, _ text: String) {
        position = Position(fileOrdinal: ordinal, offset: offset)
        self.text = text
    }
}

/// A file source under a still clock.
struct Reading {
    static let stream = StreamID(FeatureVersion("rides", 1), .realtime)

    let source: FileSource
    let clock: StillClock

    init(
        _ path: String, _ format: FileSourceConfiguration.Format = .ndjson, in store: any CoordinationStore,
        sink: String = "online", toTheEnd: Bool = false, openFiles: Int = 64,
        wroteAgo: Int = 10
    ) {
        let clock = StillClock()
        self.clock = clock
        source = FileSource(
            FileSourceConfiguration(
                stream: Self.stream, sink: sink, path: path, format: format, endsAtLastByte: toTheEnd,
                openFiles: openFiles), coordination: store, clock: { clock.now },
            wallClock: { EventTime.now.advanced(by: .seconds(wroteAgo)) })
    }

    /// All that is there now, listing the files anew until nothing changes.
    func batches(limit: Int = 100) throws(SourceTrouble) -> [RecordBatch] {
        var batches: [RecordBatch] = []
        var quietReads = 0
        while quietReads < 3 {
            if let batch = try source.read(limit: limit) {
                batches.append(batch)
                quietReads = 0
            } else {
                clock.advance(.seconds(1))
                quietReads += 1
            }
        }
        return batches
    }

    func all(limit: Int = 100) throws(SourceTrouble) -> [Seen] { Self.records(of: try batches(limit: limit)) }

    func texts(limit: Int = 100) throws(SourceTrouble) -> [String] { try all(limit: limit).map(\.text) }

    static func records(of batches: [RecordBatch]) -> [Seen] {
        batches.flatMap { batch in
            batch.records.indices.map { index in
                let record = batch.records[index]
                let text = String(decoding: batch.bytes(of: index), as: UTF8.self)
                return Seen(record.position.fileOrdinal, record.position.fileOffset, text)
            }
        }
    }
}

/// A gzip archive of one member.
func gzip(_ text: String) -> Data {
    var stream = z_stream()
    #expect(
        deflateInit2_(
            &stream, 6, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
            == Z_OK)
    var input = Array(text.utf8)
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(input.count))) + 64)
    input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = uInt(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = uInt(target.count)
            #expect(deflate(&stream, Z_FINISH) == Z_STREAM_END)
        }
    }
    let count = Int(stream.total_out)
    deflateEnd(&stream)
    return Data(output.prefix(count))
}
