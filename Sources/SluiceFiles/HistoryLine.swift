internal import SluiceCore

/// The head of a line that `RowLine` wrote, found in place: the members before the columns always stand in one order.
struct HistoryLine {
    /// The whole line, with its end.
    let text: UnsafeBufferPointer<UInt8>
    /// The entity's text as it stands in the line, escapes and all: equal for equal entities.
    let entity: UnsafeBufferPointer<UInt8>
    /// The 47 characters of its version, which compare as the versions do.
    let version: UnsafeBufferPointer<UInt8>
    let isDeleted: Bool

    /// `nil` if the line was not written by `RowLine`.
    init?(_ line: UnsafeBufferPointer<UInt8>) {
        var scanner = HeadScanner(rest: line)
        guard scanner.skip("{\"_entity\":\""), let entity = scanner.string(),
            scanner.skip(",\"_v\":\""), let version = scanner.string(), Self.isVersion(version),
            scanner.skip(",\"_event_time\":\""), scanner.string() != nil,
            scanner.skip(",\"_lane\":\""), scanner.string() != nil
        else { return nil }
        isDeleted = scanner.skip(",\"_deleted\":true")
        guard line.suffix(2).elementsEqual([UInt8(ascii: "}"), UInt8(ascii: "\n")]) else { return nil }
        text = line
        self.entity = entity
        self.version = version
    }

    /// Where the version stands in `text`.
    var versionOffset: Int { version.baseAddress! - text.baseAddress! }

    var eventTime: EventTime {
        let number = version[..<14].reduce(UInt64(0)) { number, digit in
            number << 4 | UInt64(digit < 58 ? digit - 48 : digit - 87)
        }
        return EventTime(microseconds: Int64(number) - EventTime.bias)
    }

    /// A hash of the entity that is the same in every process (FNV-1a, its bits mixed so that each is as good as the
    /// others).
    var entityHash: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in entity { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ (hash >> 32)) &* 0x9e37_79b9_7f4a_7c15
        return hash ^ (hash >> 32)
    }

    private static func isVersion(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.count == WriteVersion.textLength && text.allSatisfy { 48...57 ~= $0 || 97...102 ~= $0 }
    }
}

private struct HeadScanner {
    private(set) var rest: UnsafeBufferPointer<UInt8>

    mutating func skip(_ text: StaticString) -> Bool {
        let text = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard rest.starts(with: text) else { return false }
        rest = UnsafeBufferPointer(rebasing: rest[text.count...])
        return true
    }

    /// What stands before the closing quote, which is skipped.
    mutating func string() -> UnsafeBufferPointer<UInt8>? {
        var place = 0
        while place < rest.count {
            switch rest[place] {
            case UInt8(ascii: "\""):
                defer { rest = UnsafeBufferPointer(rebasing: rest[(place + 1)...]) }
                return UnsafeBufferPointer(rebasing: rest[..<place])
            case UInt8(ascii: "\\"): place += 2
            default: place += 1
            }
        }
        return nil
    }
}
