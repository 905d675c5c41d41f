/// A file of a stream as a reader just saw it.
public struct FileSighting: Hashable, Sendable {
    /// Most of a file's first bytes that tell it from others.
    public static let prefixLimit = 1024

    /// Relative to the stream's folder.
    public var path: String
    public var inode: UInt64
    /// The file's first bytes, as they are stored (compressed or not): as many as were there, at most `prefixLimit`.
    public var prefix: [UInt8]
    /// The ordinal that this path's file is known to have no more, although it may look the same: the file shrank.
    public var replaces: UInt32?

    public init(path: String, inode: UInt64, prefix: [UInt8], replaces: UInt32? = nil) {
        self.path = path
        self.inode = inode
        self.prefix = prefix
        self.replaces = replaces
    }

    /// What a coordination store keeps of this file when it is seen for the first time.
    public var identity: FileIdentity {
        FileIdentity(
            inode: inode, fingerprintLength: prefix.count, fingerprint: FileIdentity.fingerprint(of: prefix[...]))
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

/// What is kept of a file, to tell it from another one that later has its path: its inode, and a fingerprint of as many
/// of its first bytes as were there when it was first seen. A file that only grows keeps its identity.
public struct FileIdentity: Hashable, Sendable {
    public var inode: UInt64
    /// How many of the file's first bytes the fingerprint covers, at most `FileSighting.prefixLimit`.
    public var fingerprintLength: Int
    public var fingerprint: UInt64

    public init(inode: UInt64, fingerprintLength: Int, fingerprint: UInt64) {
        self.inode = inode
        self.fingerprintLength = fingerprintLength
        self.fingerprint = fingerprint
    }

    /// Whether a file that is seen now is this one, perhaps grown.
    public func holds(for file: FileSighting) -> Bool {
        inode == file.inode && fingerprintLength <= file.prefix.count
            && fingerprint == Self.fingerprint(of: file.prefix[..<fingerprintLength])
    }

    /// FNV-1a over 64 bits: equal in every process and release, since it is stored.
    static func fingerprint(of bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
