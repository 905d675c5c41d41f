import Foundation
import SluiceCore
import SluiceTesting
import Synchronization

@testable import SluiceFiles

/// A clock that moves when it is told to.
final class SteppedClock: Sendable {
    private let time = Mutex(MonotonicTime(nanoseconds: 0))

    var now: MonotonicTime { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

extension FileSink {
    /// Writes one batch and settles it.
    func deliver(_ rows: [Row], now: EventTime = TestRow.epoch) throws -> [SinkVerdict] {
        try write(rows, now: now)
        return try settle(flush: true).flatMap { $0 }
    }
}

/// A feature version's history, read as a stranger to the sink would.
struct History {
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    let root: String
    let featureVersion: FeatureVersion

    private var folder: String { "\(root)/\(featureVersion.feature)/v\(featureVersion.version)" }

    func segments() throws -> [ListedSegment] {
        try ManifestReader(root: root, featureVersion: featureVersion).segments()
    }

    /// The lines of every listed file, in order of path.
    func lines() throws -> [String] { try segments().flatMap { try Self.lines(of: "\(folder)/\($0.path)") } }

    func rows() throws -> [FlatObject] { try lines().map { try FlatObject(line: $0) } }

    /// The greatest row of each entity.
    func state() throws -> [StoredRow] { try Self.state(of: rows()) }

    static func state(of rows: [FlatObject]) throws -> [StoredRow] {
        // By bytes: entities that differ only in how Unicode composes them are two.
        var state: [[UInt8]: StoredRow] = [:]
        for row in try rows.map({ try $0.storedRow() }) {
            let entity = Array(row.entity.utf8)
            if let held = state[entity], held.version >= row.version { continue }
            state[entity] = row
        }
        return Array(state.values)
    }

    /// Throws unless listed files and files that are there are the same, each whole and listed once, and nothing
    /// unfinished is left.
    func check() throws {
        let segments = try segments()
        let listed = segments.map(\.path)
        guard Set(listed).count == listed.count else { throw Broken(description: "doubly listed: \(listed)") }
        let there = TemporaryFolder.files(below: folder).filter { $0.hasPrefix("date=") }
        guard there == listed.sorted() else { throw Broken(description: "there: \(there), listed: \(listed.sorted())") }
        for segment in segments {
            let content = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(segment.path)"))
            let crc = content.withUnsafeBytes { crc32(0, adding: $0) }
            guard content.count == segment.bytes, crc == segment.crc else {
                throw Broken(description: "torn: \(segment.path)")
            }
            let versions = try Self.lines(of: "\(folder)/\(segment.path)").map {
                try FlatObject(line: $0).storedRow().version
            }
            guard versions.count == segment.rows, versions.min() == segment.versionLeast.description,
                versions.max() == segment.versionGreatest.description
            else { throw Broken(description: "listed otherwise: \(segment)") }
        }
    }

    static func lines(of path: String) throws -> [String] {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        if path.hasSuffix(".gz") {
            var text = Data()
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 1)
            defer { room.deallocate() }
            let damage = try data.withUnsafeBytes { bytes in
                try GzipDecoder().decode(bytes, in: room, onFault: { $0 as any Error }) { text.append(contentsOf: $0) }
            }
            guard damage == nil else { throw Broken(description: "no gzip: \(path)") }
            data = text
        }
        guard data.isEmpty || data.last == 0x0a else { throw Broken(description: "no end of line: \(path)") }
        return data.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A JSON object without nesting, whose integers and doubles are told apart, as JSONSerialization does not.
struct FlatObject {
    private(set) var members: [String: Value] = [:]
    private(set) var names: [String] = []

    init(line: String) throws {
        var rest = Array(line.utf8)[...]
        func fail() -> History.Broken { History.Broken(description: "no flat JSON object: \(line)") }
        func take(_ character: Character) throws {
            guard rest.popFirst() == character.asciiValue else { throw fail() }
        }
        func string() throws -> String {
            try take("\"")
            var text: [UInt8] = []
            while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                guard byte >= 0x20 else { throw fail() }
                guard byte == UInt8(ascii: "\\") else {
                    text.append(byte)
                    continue
                }
                switch rest.popFirst() {
                case UInt8(ascii: "n"): text.append(0x0a)
                case UInt8(ascii: "r"): text.append(0x0d)
                case UInt8(ascii: "t"): text.append(0x09)
                case UInt8(ascii: "\""): text.append(UInt8(ascii: "\""))
                case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
                case UInt8(ascii: "u"):
                    guard let number = UInt8(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16) else {
                        throw fail()
                    }
                    text.append(number)
                    rest = rest.dropFirst(4)
                default: throw fail()
                }
            }
            return String(decoding: text, as: UTF8.self)
        }
        try take("{")
        while true {
            let name = try string()
            try take(":")
            if rest.first == UInt8(ascii: "\"") {
                members[name] = .text(try string())
            } else {
                let word = String(
                    decoding: rest.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") }, as: UTF8.self)
                rest = rest.dropFirst(word.utf8.count)
                if let number = Int64(word) {
                    members[name] = .integer(number)
                } else if let number = Double(word), number.isFinite {
                    members[name] = .real(number)
                } else if word == "true" {
                    members[name] = .integer(1)
                } else {
                    throw fail()
                }
            }
            names.append(name)
            if rest.first == UInt8(ascii: "}") { break }
            try take(",")
        }
        guard rest.count == 1, Set(names).count == names.count else { throw fail() }
    }

    func storedRow() throws -> StoredRow {
        guard case .text(let entity) = members["_entity"], case .text(let version) = members["_v"],
            case .text(let time) = members["_event_time"], case .text(let lane) = members["_lane"],
            let parsed = WriteVersion(text: version), parsed.eventTime.description == time,
            parsed.lane.description == lane
        else { throw History.Broken(description: "no row: \(members)") }
        return StoredRow(
            entity: entity, version: version, isDeleted: members["_deleted"] == .integer(1),
            values: members.filter { !$0.key.hasPrefix("_") })
    }
}
