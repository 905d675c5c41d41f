public import SluiceCore

/// A finished file of a feature version's history, as a manifest lists it.
public struct ListedSegment: Sendable, Hashable {
    /// Relative to the feature version's folder: `date=2024-05-01/part-….ndjson`.
    public var path: String
    public var rows: Int
    /// The file's length.
    public var bytes: Int
    /// The length of its lines; more than `bytes` if they are compressed.
    public var textBytes: Int
    /// CRC-32 of the file's bytes.
    public var crc: UInt32
    public var versionLeast: WriteVersion
    public var versionGreatest: WriteVersion

    public init(
        path: String, rows: Int, bytes: Int, textBytes: Int, crc: UInt32, versionLeast: WriteVersion,
        versionGreatest: WriteVersion
    ) {
        self.path = path
        self.rows = rows
        self.bytes = bytes
        self.textBytes = textBytes
        self.crc = crc
        self.versionLeast = versionLeast
        self.versionGreatest = versionGreatest
    }
}

/// The line of a manifest:
///
///     {"line_crc":"0f1e2d3c","file":"date=2024-05-01/part-….ndjson","rows":2,"bytes":310,"text_bytes":310,
///      "crc":"89abcdef","v_least":"00b8…","v_greatest":"00b8…"}
///
/// `line_crc` is the CRC-32 of what follows its comma. Members always stand in this order, so that reading a line is
/// to take one after the other.
extension ListedSegment {
    /// The line, with its end.
    var manifestLine: [UInt8] {
        let rest = Array(
            """
            "file":"\(path)","rows":\(rows),"bytes":\(bytes),"text_bytes":\(textBytes),"crc":"\(hex(crc))",\
            "v_least":"\(versionLeast)","v_greatest":"\(versionGreatest)"}
            """.utf8)
        let lineCRC = rest.withUnsafeBytes { crc32(0, adding: $0) }
        return Array("{\"line_crc\":\"\(hex(lineCRC))\",".utf8) + rest + [UInt8(ascii: "\n")]
    }

    /// Reads a line, without its end; `nil` if it is torn or was not written by `manifestLine`.
    init?(manifestLine line: some Collection<UInt8>) {
        let head = Array(line.prefix(23))
        let rest = Array(line.dropFirst(23))
        let lineCRC = rest.withUnsafeBytes { crc32(0, adding: $0) }
        guard head == Array("{\"line_crc\":\"\(hex(lineCRC))\",".utf8) else { return nil }
        var scanner = MemberScanner(text: rest)
        guard let path = scanner.text("\"file\":\""), let rows = scanner.number(",\"rows\":"),
            let bytes = scanner.number(",\"bytes\":"), let textBytes = scanner.number(",\"text_bytes\":"),
            let crc = scanner.text(",\"crc\":\"").flatMap({ UInt32($0, radix: 16) }),
            let least = scanner.text(",\"v_least\":\"").flatMap({ WriteVersion(text: $0) }),
            let greatest = scanner.text(",\"v_greatest\":\"").flatMap({ WriteVersion(text: $0) }),
            scanner.isAtClosingBrace
        else { return nil }
        self.init(
            path: path, rows: rows, bytes: bytes, textBytes: textBytes, crc: crc, versionLeast: least,
            versionGreatest: greatest)
    }
}

/// Takes members off the front of a line, each after the exact text that goes before its value.
private struct MemberScanner {
    private var rest: ArraySlice<UInt8>

    init(text: [UInt8]) { rest = text[...] }

    var isAtClosingBrace: Bool { rest.elementsEqual(CollectionOfOne(UInt8(ascii: "}"))) }

    /// A string without escapes.
    mutating func text(_ prefix: StaticString) -> String? {
        guard skip(prefix), let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        let text = String(decoding: rest[..<end], as: UTF8.self)
        rest = rest[(end + 1)...]
        return text
    }

    mutating func number(_ prefix: StaticString) -> Int? {
        guard skip(prefix) else { return nil }
        let end = rest.firstIndex { !(48...57 ~= $0) } ?? rest.endIndex
        let number = Int(String(decoding: rest[..<end], as: UTF8.self))
        rest = rest[end...]
        return number
    }

    private mutating func skip(_ prefix: StaticString) -> Bool {
        let prefix = UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
        guard rest.starts(with: prefix) else { return false }
        rest = rest.dropFirst(prefix.count)
        return true
    }
}

/// Eight lower-case hexadecimal digits.
private func hex(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
}
