/// The system's time zones, as far as a name must be checked: rules are read by whoever evaluates a timetable.
enum TimeZoneFiles {
    static let folder = "/usr/share/zoneinfo"

    /// Whether the name has the form of a zone's name, so that no path leads out of the folder.
    static func isName(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return name.utf8.count <= 64 && parts.count <= 3
            && parts.allSatisfy { part in
                guard let first = part.first, isLetter(first) else { return false }
                return part.allSatisfy { isLetter($0) || isDigit($0) || "_+-".utf8.contains($0) }
            }
    }

    /// Whether the system has the zone.
    static func contains(_ name: String) -> Bool {
        guard isName(name), let bytes = try? FileAccess.read("\(folder)/\(name)", atMost: ByteCount(1 << 20)) else {
            return false
        }
        return bytes.starts(with: "TZif".utf8)
    }

    /// The names of all zones, for "did you mean". Empty where the system has none.
    static func names() -> [String] {
        var names: [String] = []
        var folders = [""]
        while let prefix = folders.popLast() {
            guard let found = try? FileAccess.names(in: "\(folder)/\(prefix)") else {
                // Not a folder: then it is a zone, or one of the tables beside them, which no zone's name resembles.
                names.append(String(prefix.dropLast()))
                continue
            }
            // `posix` and `right` hold all zones again; names below the third part do not exist.
            folders += found.filter { !["posix", "right"].contains($0) && isName($0) }.map { "\(prefix)\($0)/" }
        }
        return names
    }
}
