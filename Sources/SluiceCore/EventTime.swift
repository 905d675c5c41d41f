/// When something happened by the clock of whoever says so: microseconds since 1970-01-01T00:00:00Z.
///
/// Wall-clock times are of this type too (`now` for expiry and for the check against times from the future); durations
/// within the process are measured by `MonotonicTime`.
public struct EventTime: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// What is added to the microseconds before they are written into a `WriteVersion`: 2^55, so that 56 bits hold
    /// 1,141 years on either side of 1970.
    public static let bias: Int64 = 1 << 55

    public let microseconds: Int64

    /// The microseconds must fit 56 bits with `bias` added; `init(checking:)` answers for times of unknown origin.
    public init(microseconds: Int64) {
        precondition(microseconds >= -Self.bias && microseconds < Self.bias, "an event time has 56 bits")
        self.microseconds = microseconds
    }

    /// `nil` if the time lies more than 1,141 years from 1970.
    public init?(checking microseconds: Int64) {
        guard microseconds >= -Self.bias, microseconds < Self.bias else { return nil }
        self.microseconds = microseconds
    }

    public static func < (one: EventTime, other: EventTime) -> Bool { one.microseconds < other.microseconds }

    /// The time `duration` later, held within what can be written.
    public func advanced(by duration: Duration) -> EventTime {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflowAgain) = microseconds.addingReportingOverflow(scaled + attoseconds / 1_000_000_000_000)
        if overflow || overflowAgain { return EventTime(microseconds: seconds < 0 ? -Self.bias : Self.bias - 1) }
        return EventTime(microseconds: min(max(sum, -Self.bias), Self.bias - 1))
    }

    /// ISO 8601 in UTC with six decimals where there are any: `2015-09-12T00:46:58.771000Z`.
    public var description: String {
        let (seconds, fraction) = microseconds.floored(by: 1_000_000)
        let (days, second) = seconds.floored(by: 86_400)
        let date = CivilDate(daysSinceEpoch: days)
        let year = date.year < 0 ? "-" + padded(-date.year, 4) : padded(date.year, 4)
        let clock = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        let decimals = fraction == 0 ? "" : "." + padded(fraction, 6)
        return "\(year)-\(padded(Int64(date.month), 2))-\(padded(Int64(date.day), 2))T\(clock)\(decimals)Z"
    }
}

/// A day of the proleptic Gregorian calendar.
public struct CivilDate: Hashable, Sendable {
    public let year: Int64
    public let month: Int
    public let day: Int

    /// The date so many days after 1970-01-01. (The arithmetic counts years from March, so that the leap day is the
    /// last of its year, within eras of 400 years, which all have 146,097 days.)
    public init(daysSinceEpoch: Int64) {
        let (era, dayOfEra) = (daysSinceEpoch + 719_468).floored(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// `nil` where the calendar has no such day.
    public init?(year: Int64, month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, of: year) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    public var daysSinceEpoch: Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shifted.floored(by: 400)
        let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func days(inMonth month: Int, of year: Int64) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// Quotient and remainder of a division that rounds down, so that the remainder is never negative.
    func floored(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

func padded(_ number: Int64, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
