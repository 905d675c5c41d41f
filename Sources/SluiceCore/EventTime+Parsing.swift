/// What an integer in an event-time column counts since 1970.
public enum EpochUnit: String, Sendable, Hashable, CaseIterable {
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"

    var inMicroseconds: Int64 {
        switch self {
        case .seconds: 1_000_000
        case .milliseconds: 1000
        case .microseconds: 1
        }
    }
}

extension EventTime {
    /// The time that an integer column states; `nil` if it lies out of range.
    public init?(epoch count: Int64, unit: EpochUnit) {
        let (microseconds, overflow) = count.multipliedReportingOverflow(by: unit.inMicroseconds)
        guard !overflow else { return nil }
        self.init(checking: microseconds)
    }

    /// Reads ISO 8601: `YYYY-MM-DD`, then `T` or a space, `HH:MM`, perhaps `:SS` and 0–9 decimals (further ones than
    /// six are cut off), perhaps `Z` or an offset such as `+02:00`. Without a zone it is UTC. A date alone is its
    /// midnight; the second 60 is the first of the next minute.
    public init?(iso8601 text: some StringProtocol) {
        guard let time = Array(text.utf8).withUnsafeBufferPointer({ EventTime(iso8601: $0) }) else { return nil }
        self = time
    }

    /// The same, of text in UTF-8.
    public init?(iso8601 text: UnsafeBufferPointer<UInt8>) {
        var reader = DigitReader(text: text)
        guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
            reader.skip("-"), let day = reader.number(digits: 2),
            let date = CivilDate(year: year, month: Int(month), day: Int(day))
        else { return nil }
        var seconds = date.daysSinceEpoch * 86_400
        var fraction: Int64 = 0
        if reader.skip("T") || reader.skip(" ") || reader.skip("t") {
            guard let hour = reader.number(digits: 2), hour < 24, reader.skip(":"),
                let minute = reader.number(digits: 2), minute < 60
            else { return nil }
            seconds += hour * 3600 + minute * 60
            if reader.skip(":") {
                guard let second = reader.number(digits: 2), second <= 60 else { return nil }
                seconds += second
                if reader.skip(".") || reader.skip(",") {
                    guard let decimals = reader.microseconds() else { return nil }
                    fraction = decimals
                }
            }
            guard let offset = reader.zoneOffset() else { return nil }
            seconds -= offset
        }
        guard reader.isAtEnd else { return nil }
        self.init(checking: seconds * 1_000_000 + fraction)
    }
}

/// A place in text of which digits and single characters are read.
private struct DigitReader {
    let text: UnsafeBufferPointer<UInt8>
    var place = 0

    var isAtEnd: Bool { place == text.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard place < text.count, text[place] == UInt8(character.value) else { return false }
        place += 1
        return true
    }

    mutating func number(digits: Int) -> Int64? {
        guard text.count - place >= digits else { return nil }
        var number: Int64 = 0
        for _ in 0..<digits {
            let digit = text[place] &- 48
            guard digit < 10 else { return nil }
            number = number * 10 + Int64(digit)
            place += 1
        }
        return number
    }

    /// One to nine decimals, as microseconds.
    mutating func microseconds() -> Int64? {
        let start = place
        var value: Int64 = 0
        while place < text.count, text[place] &- 48 < 10 {
            if place - start < 6 { value = value * 10 + Int64(text[place] - 48) }
            place += 1
        }
        let digits = place - start
        guard (1...9).contains(digits) else { return nil }
        for _ in min(digits, 6)..<6 { value *= 10 }
        return value
    }

    /// Seconds east of Greenwich; 0 where no zone is given, `nil` where something else stands.
    mutating func zoneOffset() -> Int64? {
        if isAtEnd || skip("Z") || skip("z") { return 0 }
        let east = skip("+")
        guard east || skip("-"), let hours = number(digits: 2), hours < 24 else { return nil }
        var minutes: Int64 = 0
        if !isAtEnd {
            _ = skip(":")
            guard let number = number(digits: 2), number < 60 else { return nil }
            minutes = number
        }
        return (east ? 1 : -1) * (hours * 3600 + minutes * 60)
    }
}
