import SluiceCore

/// What is wrong with a record that no feature can take.
enum Fault {
    case cutOff
    case notAnObject
    case brokenUTF8
    case keyNull
    case keyAbsent
    /// A number with decimals, where text or an integer is needed.
    case keyFraction
    case timeNull
    case timeAbsent
    case timeGarbled
    /// Ten years ahead of the anchor.
    case timeInFuture
    case revisionNegative
    /// 2^32, one more than there can be.
    case revisionTooGreat

    static let everywhere: [Fault] = [
        .cutOff, .cutOff, .notAnObject, .brokenUTF8, .keyNull, .keyAbsent, .timeNull, .timeAbsent, .timeGarbled,
        .timeInFuture,
    ]

    var reason: RefusalReason {
        switch self {
        case .cutOff, .notAnObject, .brokenUTF8: .unreadable
        case .keyNull, .keyAbsent, .keyFraction: .badEntity
        case .timeNull, .timeAbsent, .timeGarbled: .badEventTime
        case .timeInFuture: .futureEventTime
        case .revisionNegative, .revisionTooGreat: .badRevision
        }
    }
}
