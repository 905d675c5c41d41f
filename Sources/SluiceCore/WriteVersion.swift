/// The place of a row among all writes to its entity, `W`: the greatest one wins, in every sink alike.
///
/// It is written as 47 lower-case hexadecimal characters, so that comparing text compares versions:
///
///     00b8f0a1c2d3e4 00000000 1 00000003000000001f40 0000
///     event time     revision │ position             row within its record
///     µs + 2^55               lane: bootstrap 0, realtime 1
///
/// It depends on the input alone, not on a clock, a replica or the configuration, so a replay writes the same version
/// again, and merging by the maximum is commutative, associative and idempotent.
public struct WriteVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Characters in the text of a version.
    public static let textLength = 47

    public let eventTime: EventTime
    public let revision: UInt32
    public let lane: Lane
    public let position: Position
    /// The row's index within its record.
    public let index: UInt16

    public init(eventTime: EventTime, revision: UInt32, lane: Lane, position: Position, index: UInt16) {
        self.eventTime = eventTime
        self.revision = revision
        self.lane = lane
        self.position = position
        self.index = index
    }

    public var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) { characters in
            write(to: characters.baseAddress!)
            return Self.textLength
        }
    }

    /// Writes the 47 characters; the target must have room for them.
    public func write(to target: UnsafeMutablePointer<UInt8>) {
        writeHex(UInt64(bitPattern: eventTime.microseconds + EventTime.bias), digits: 14, to: target)
        writeHex(UInt64(revision), digits: 8, to: target + 14)
        writeHex(UInt64(lane.rawValue), digits: 1, to: target + 22)
        writeHex(UInt64(position.high), digits: 4, to: target + 23)
        writeHex(position.low, digits: 16, to: target + 27)
        writeHex(UInt64(index), digits: 4, to: target + 43)
    }

    /// Reads what `description` wrote.
    public init?(text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count == Self.textLength,
            let time = readHex(digits[0..<14]), let revision = readHex(digits[14..<22]),
            let lane = readHex(digits[22..<23]).flatMap({ Lane(rawValue: UInt8($0)) }),
            let high = readHex(digits[23..<27]), let low = readHex(digits[27..<43]),
            let index = readHex(digits[43..<47])
        else { return nil }
        self.init(
            eventTime: EventTime(microseconds: Int64(time) - EventTime.bias), revision: UInt32(revision), lane: lane,
            position: Position(high: UInt16(high), low: low), index: UInt16(index))
    }

    public static func < (one: WriteVersion, other: WriteVersion) -> Bool {
        if one.eventTime != other.eventTime { return one.eventTime < other.eventTime }
        if one.revision != other.revision { return one.revision < other.revision }
        if one.lane != other.lane { return one.lane < other.lane }
        if one.position != other.position { return one.position < other.position }
        return one.index < other.index
    }
}
