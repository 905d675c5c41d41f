internal import SluiceCore

/// Where a file sink keeps what, below its path:
///
///     _writers/<writer>.lock                          locked while the writer lives; the folders that it wrote in
///     rider_activity/v2/_manifest/<writer>.ndjson     the writer's finished segments, one line each
///     rider_activity/v2/date=2024-05-01/part-<writer>-00000001.ndjson
///     rider_activity/v2/date=2024-05-01/_part-<writer>-00000002.ndjson     unfinished
///     rider_activity/v2/latest/latest.ndjson          the view that a compaction wrote
///
/// A name that begins with `_` is not data. The date is the event time's, in UTC.
enum HistoryLayout {
    static let writers = "_writers"
    static let lockSuffix = ".lock"
    static let manifest = "_manifest"
    static let manifestSuffix = ".ndjson"
    static let latest = "latest"
    static let view = "latest.ndjson"
    static let viewLock = "_lock"

    /// The names that lead to a feature version's folder.
    static func path(of featureVersion: FeatureVersion) -> [String] {
        [featureVersion.feature, "v\(featureVersion.version)"]
    }

    /// Whether a feature version's name can be a folder's; one that was configured can.
    static func isValid(_ featureVersion: FeatureVersion) -> Bool {
        featureVersion.version >= 1 && isFeature(featureVersion.feature)
    }

    /// `date=2024-05-01`, of a day counted from 1970-01-01.
    static func dateFolder(day: Int64) -> String { "date=" + dateText(day: day) }

    static func dateText(day: Int64) -> String {
        let date = CivilDate(daysSinceEpoch: day)
        return "\(zeroPadded(date.year, 4))-\(zeroPadded(Int64(date.month), 2))-\(zeroPadded(Int64(date.day), 2))"
    }

    /// `part-<writer>-00000001.ndjson`
    static func partName(writer: String, number: UInt64, suffix: String) -> String {
        "\(partPrefix(writer: writer))\(zeroPadded(Int64(number), 8))\(suffix)"
    }

    static func partPrefix(writer: String) -> String { "part-\(writer)-" }

    /// The number of a writer's part; `nil` if the name is not one of its parts'.
    static func partNumber(name: some StringProtocol, writer: String) -> UInt64? {
        let prefix = partPrefix(writer: writer)
        guard name.hasPrefix(prefix) else { return nil }
        return UInt64(name.dropFirst(prefix.count).prefix { $0 != "." })
    }

    static func isTemporary(_ name: String) -> Bool { name.utf8.first == UInt8(ascii: "_") }

    /// The names in `rider_activity/v2/date=2024-05-01`; `nil` if it is no such path.
    static func dateFolderPath(text: Substring) -> [String]? {
        let names = text.split(separator: "/" as Character, omittingEmptySubsequences: false).map(String.init)
        guard names.count == 3, isFeature(names[0]), names[1].hasPrefix("v"), Int(names[1].dropFirst()) != nil,
            names[2].hasPrefix("date="), !names[2].contains(".")
        else { return nil }
        return names
    }

    private static func isFeature(_ name: String) -> Bool {
        guard let first = name.utf8.first, UInt8(ascii: "a")...UInt8(ascii: "z") ~= first, name.utf8.count <= 64
        else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }

    private static func zeroPadded(_ number: Int64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
