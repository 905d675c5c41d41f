internal import CHiredis

/// A value that Redis answered with, copied out of the C library.
enum RedisValue: Hashable {
    case null
    case integer(Int64)
    /// A bulk or a status.
    case text([UInt8])
    case array([RedisValue])
    /// An error, where it stands in place of a value within an array.
    case error(RedisErrorReply)

    /// Copies a reply; it stays the caller's to free.
    init(_ reply: UnsafePointer<redisReply>) {
        switch reply.pointee.type {
        case REDIS_REPLY_INTEGER: self = .integer(reply.pointee.integer)
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: self = .text(Self.bytes(of: reply))
        case REDIS_REPLY_ERROR:
            self = .error(RedisErrorReply(text: String(decoding: Self.bytes(of: reply), as: UTF8.self)))
        case REDIS_REPLY_ARRAY:
            let elements = UnsafeBufferPointer(start: reply.pointee.element, count: reply.pointee.elements)
            self = .array(elements.map { $0.map { RedisValue($0) } ?? .null })
        default: self = .null
        }
    }

    /// The value as text; `nil` for values of other types.
    var string: String? {
        if case .text(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    private static func bytes(of reply: UnsafePointer<redisReply>) -> [UInt8] {
        guard let text = reply.pointee.str else { return [] }
        return Array(UnsafeRawBufferPointer(start: text, count: reply.pointee.len))
    }
}
