internal import Glibc

extension UnsafeBufferPointer<UInt8> {
    /// The first place of a byte at or behind `start`, before `end`. By `memchr`, at several gigabytes per second.
    func firstIndex(of byte: UInt8, from start: Int, to end: Int) -> Int? {
        guard start < end, let base = baseAddress, let found = memchr(base + start, Int32(byte), end - start) else {
            return nil
        }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }

    /// The first end of a line at or behind `start`.
    func firstNewline(from start: Int = 0) -> Int? { firstIndex(of: UInt8(ascii: "\n"), from: start, to: count) }
}
