internal import SluiceCore

/// The names in the first line of a CSV file (RFC 4180).
struct CSVHeader {
    /// Most bytes of a header.
    static let limit = 64 << 10

    let names: [String]

    /// Reads a header without its end of line. A name may stand in quotes; spaces around a name are not part of it. An
    /// empty name is a column that cannot be reached.
    init(_ line: ArraySlice<UInt8>) throws(SourceTrouble) {
        var names: [String] = []
        var rest = line
        while true {
            let (name, isLast) = try Self.field(from: &rest)
            names.append(name)
            if isLast { break }
        }
        var seen: Set<String> = []
        for name in names where !name.isEmpty && !seen.insert(name).inserted {
            throw .damaged("the CSV header names a column twice: \(name)")
        }
        guard !seen.isEmpty else { throw .damaged("the CSV header names no column") }
        self.names = names
    }

    private static func field(
        from rest: inout ArraySlice<UInt8>
    ) throws(SourceTrouble) -> (name: String, isLast: Bool) {
        var bytes: [UInt8] = []
        let isQuoted = rest.first == UInt8(ascii: "\"")
        if isQuoted {
            rest.removeFirst()
            while true {
                guard let byte = rest.popFirst() else {
                    throw .damaged("a quote in the CSV header is not closed")
                }
                if byte == UInt8(ascii: "\"") {
                    guard rest.first == byte else { break }
                    rest.removeFirst()
                }
                bytes.append(byte)
            }
        } else {
            while let byte = rest.first, byte != UInt8(ascii: ",") {
                bytes.append(byte)
                rest.removeFirst()
            }
        }
        guard let name = String(validating: bytes, as: UTF8.self) else {
            throw .damaged("the CSV header is not UTF-8")
        }
        let isLast = rest.isEmpty
        if !isLast, rest.removeFirst() != UInt8(ascii: ",") {
            throw .damaged("a quoted name in the CSV header is followed by something else than a comma")
        }
        return (String(name.trimmingSpaces), isLast)
    }
}

extension String {
    fileprivate var trimmingSpaces: Substring {
        let blank: Set<Character> = [" ", "\t"]
        guard let first = firstIndex(where: { !blank.contains($0) }),
            let last = lastIndex(where: { !blank.contains($0) })
        else { return "" }
        return self[first...last]
    }
}
