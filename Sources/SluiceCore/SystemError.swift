internal import Glibc

extension String {
    /// What an error number of the system (`errno`) means, in the C library's words: `No such file or directory`.
    public init(systemError code: Int32) {
        self = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard strerror_r(code, buffer.baseAddress!, buffer.count) == 0 else { return "error \(code)" }
            return String(cString: buffer.baseAddress!)
        }
    }
}
