internal import CSimdjson

/// Whether bytes are UTF-8.
public func isUTF8(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = text.baseAddress else { return true }
    // Most values are short and ASCII, for which eight bytes at a time are quicker than the call.
    let bytes = UnsafeRawPointer(start)
    var place = 0
    while place + 8 <= text.count {
        if bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 {
            return sluice_is_utf8(start + place, text.count - place) != 0
        }
        place += 8
    }
    while place < text.count {
        if text[place] >= 0x80 { return sluice_is_utf8(start + place, text.count - place) != 0 }
        place += 1
    }
    return true
}
