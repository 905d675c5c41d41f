/// A file of a stream as a reader just saw it.
public struct FileSighting: Hashable, Sendable {
    /// Most of a file's first bytes that tell it from others.
    public static let prefixLimit = 1024

    /// Relative to the stream's folder.
    public var path: String
    /// What the file system tells files apart by: the inode and, where it is known, the time of birth, since inodes are
    /// used again.
    public var number: UInt64
    /// The file's first bytes, as they are stored (compressed or not): as many as were there, at most `prefixLimit`.
    public var prefix: [UInt8]
    /// The ordinal that this path's file is known to have no more, although it may look the same: the file shrank.
    public var replaces: UInt32?

    public init(path: String, number: UInt64, prefix: [UInt8], replaces: UInt32? = nil) {
        self.path = path
        self.number = number
        self.prefix = prefix
        self.replaces = replaces
    }

    /// What a coordination store keeps of this file when it is seen for the first time.
    public var identity: FileIdentity {
        FileIdentity(
            number: number, fingerprintLength: prefix.count, fingerprints: FileIdentity.fingerprints(of: prefix))
    }

    /// Which of the registrations of this path, if any, stands for this file: the latest whose identity holds and that
    /// it does not replace. The rule of every coordination store.
    public func registration(among registered: some Sequence<(ordinal: UInt32, identity: FileIdentity)>) -> UInt32? {
        var latest: UInt32?
        for (ordinal, identity) in registered where ordinal >= latest ?? 0 && identity.holds(for: self) {
            if let replaces, ordinal <= replaces { continue }
            latest = ordinal
        }
        return latest
    }
}

/// What is kept of a file, to tell it from another one that later has its path: its number, and fingerprints of as many
/// of its first bytes as were there when it was first seen. A file that only grows keeps its identity.
///
/// Fingerprints of shorter beginnings are kept too, because a reader may have seen the file before it was registered,
/// shorter, and ask only afterwards: it must not pass for another file.
public struct FileIdentity: Hashable, Sendable {
    public var number: UInt64
    /// How many of the file's first bytes the last fingerprint covers, at most `FileSighting.prefixLimit`.
    public var fingerprintLength: Int
    /// Of the first 1, 2, 4, 8… bytes, and last of all `fingerprintLength`.
    public var fingerprints: [UInt64]

    public init(number: UInt64, fingerprintLength: Int, fingerprints: [UInt64]) {
        self.number = number
        self.fingerprintLength = fingerprintLength
        self.fingerprints = fingerprints
    }

    /// Whether a file that is seen now is this one: perhaps grown, perhaps not yet grown as far.
    public func holds(for file: FileSighting) -> Bool {
        guard number == file.number, !file.prefix.isEmpty else { return false }
        let isShorter = file.prefix.count < fingerprintLength
        let place = isShorter ? file.prefix.count.bitWidth - 1 - file.prefix.count.leadingZeroBitCount : nil
        let common = place.map { 1 << $0 } ?? fingerprintLength
        let seen = Self.fingerprints(of: file.prefix.prefix(common)).last
        guard let place else { return seen == fingerprints.last }
        return place < fingerprints.count && seen == fingerprints[place]
    }

    /// FNV-1a over 64 bits: equal in every process and release, since it is stored.
    static func fingerprints(of bytes: some Collection<UInt8>) -> [UInt64] {
        var fingerprints: [UInt64] = []
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        var count = 0
        for byte in bytes {
            state = (state ^ UInt64(byte)) &* 0x100_0000_01b3
            count += 1
            if count == bytes.count || count & (count - 1) == 0 { fingerprints.append(state) }
        }
        return fingerprints
    }
}
