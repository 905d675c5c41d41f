/// JSON under construction, compact. Commas are set where they belong.
struct JSONText {
    private(set) var bytes: [UInt8] = []
    /// Whether characters beyond ASCII are written as `\u` escapes: the same value in other bytes.
    var escapesBeyondASCII = false

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func open(_ bracket: Unicode.Scalar) {
        separate()
        bytes.append(UInt8(bracket.value))
    }

    mutating func close(_ bracket: Unicode.Scalar) { bytes.append(UInt8(bracket.value)) }

    /// A member's name; its value comes next.
    mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func text(_ text: String) {
        separate()
        quote(text)
    }

    mutating func integer(_ number: Int64) { raw(String(number)) }

    /// The shortest text that reads back equal, always with a point or an exponent.
    mutating func real(_ number: Double) { raw(number.description) }

    mutating func boolean(_ value: Bool) { raw(value ? "true" : "false") }

    mutating func null() { raw("null") }

    /// A value that is JSON already.
    mutating func raw(_ json: String) {
        separate()
        bytes.append(contentsOf: json.utf8)
    }

    mutating func newline() { bytes.append(UInt8(ascii: "\n")) }

    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"), UInt8(ascii: "\n"): break
        default: bytes.append(UInt8(ascii: ","))
        }
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        if escapesBeyondASCII {
            for unit in text.utf16 {
                if unit > 0x7f { escape(unit) } else { append(UInt8(unit)) }
            }
        } else {
            var text = text
            text.withUTF8 { utf8 in
                if utf8.contains(where: Self.mustEscape) {
                    for byte in utf8 { append(byte) }
                } else {
                    bytes.append(contentsOf: utf8)
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// A byte of a quoted text.
    private mutating func append(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
        case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
        case 0..<0x20: escape(UInt16(byte))
        default: bytes.append(byte)
        }
    }

    private mutating func escape(_ unit: UInt16) {
        let digits = String(unit, radix: 16)
        bytes.append(contentsOf: "\\u".utf8)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
        bytes.append(contentsOf: digits.utf8)
    }
}

extension JSONText {
    mutating func member(_ name: String, _ text: String?) {
        self.name(name)
        if let text { self.text(text) } else { null() }
    }

    mutating func member(_ name: String, _ number: Int64?) {
        self.name(name)
        if let number { integer(number) } else { null() }
    }

    mutating func member(_ name: String, _ number: Double?) {
        self.name(name)
        if let number { real(number) } else { null() }
    }

    /// A truth as SQL gives it: 1 or 0.
    mutating func memberOfSQL(_ name: String, _ truth: Bool?) { member(name, truth.map { $0 ? Int64(1) : 0 }) }

    mutating func member(_ name: String, _ truth: Bool?) {
        self.name(name)
        if let truth { boolean(truth) } else { null() }
    }

    /// Does to a finished object what makes it unreadable.
    mutating func spoil(_ fault: Fault, using random: inout RandomNumbers) {
        switch fault {
        case .cutOff: bytes.removeLast(1 + random.below(bytes.count - 1))
        case .notAnObject:
            bytes.insert(UInt8(ascii: "["), at: 0)
            bytes.append(UInt8(ascii: "]"))
        case .brokenUTF8:
            // A lone continuation byte within a text.
            bytes.removeLast()
            bytes.append(contentsOf: ",\"note\":\"".utf8)
            bytes.append(0xbf)
            bytes.append(contentsOf: "\"}".utf8)
        default: break
        }
    }
}
