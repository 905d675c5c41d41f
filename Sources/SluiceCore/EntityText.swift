/// The text of an entity, by which sinks key it: the entity's columns joined with `|`.
///
/// `%`, `|`, `{`, `}` and control characters of a text column are percent-encoded (in UTF-8, upper-case digits), so
/// that no two entities share a text, and none ends a Redis hash tag early. Integers are decimal.
public enum EntityText {
    /// Appends one column; `isFirst` tells whether a `|` goes before it.
    public static func append(_ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, to target: inout [UInt8]) {
        if !isFirst { target.append(UInt8(ascii: "|")) }
        for byte in text {
            if mustEncode(byte) {
                target.append(UInt8(ascii: "%"))
                target.append(upperHex(byte >> 4))
                target.append(upperHex(byte & 15))
            } else {
                target.append(byte)
            }
        }
    }

    /// Appends one integer column.
    public static func append(_ number: Int64, isFirst: Bool, to target: inout [UInt8]) {
        if !isFirst { target.append(UInt8(ascii: "|")) }
        target.append(contentsOf: String(number).utf8)
    }

    /// The text of an entity whose columns are all text.
    public static func text(_ columns: [String]) -> String {
        var bytes: [UInt8] = []
        for (place, column) in columns.enumerated() {
            Array(column.utf8).withUnsafeBufferPointer { append($0, isFirst: place == 0, to: &bytes) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func mustEncode(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, 0x7f, UInt8(ascii: "%"), UInt8(ascii: "|"), UInt8(ascii: "{"), UInt8(ascii: "}"): true
        default: false
        }
    }

    private static func upperHex(_ digit: UInt8) -> UInt8 { digit < 10 ? 48 + digit : 55 + digit }
}
