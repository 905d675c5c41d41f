import SluiceCore

/// One time in the several spellings of ISO 8601 that upstream jobs use. All but the shortest keep every microsecond;
/// a time without fraction may be written in any of them.
func timeText(_ microseconds: Int64, using random: inout RandomNumbers) -> String {
    let text = EventTime(microseconds: microseconds).description
    let withoutZone = text.dropLast()
    switch random.below(8) {
    case 0:
        // No zone is UTC.
        return withoutZone.replacing("T", with: " ")
    case 1:
        // Two hours east of Greenwich, at a local time two hours later.
        return EventTime(microseconds: microseconds + 7_200_000_000).description.dropLast() + "+02:00"
    case 2 where microseconds % 1_000_000 != 0:
        // Nanoseconds, which are cut off.
        return withoutZone + "999Z"
    default: return text
    }
}

extension Substring {
    fileprivate func replacing(_ character: Character, with other: Character) -> String {
        String(map { $0 == character ? other : $0 })
    }
}
