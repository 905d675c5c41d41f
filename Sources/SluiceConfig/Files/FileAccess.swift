internal import Glibc
internal import SluiceCore

/// Why a file or folder could not be read, as a phrase: "No such file or directory".
struct FileProblem: Error {
    let phrase: String
}

/// Reading whole small files, and the names in a folder.
enum FileAccess {
    /// All bytes of a regular file of at most `limit` bytes. A pipe or device is refused, not waited for.
    static func read(_ path: String, atMost limit: ByteCount) throws(FileProblem) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .ofErrno() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .ofErrno() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileProblem(phrase: "it is no regular file") }
        guard status.st_size <= limit.bytes else { throw FileProblem(phrase: "it is larger than \(limit)") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var count = 0
        while true {
            // There is room for one byte more than the file has: when that is filled, the file has grown.
            let result = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count)
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw .ofErrno() }
            guard result > 0 else { break }
            count += result
            guard count < bytes.count else { throw FileProblem(phrase: "it grew while it was read") }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// The names in a folder, sorted, without those that begin with a dot.
    static func names(in folder: String) throws(FileProblem) -> [String] {
        guard let directory = opendir(folder) else { throw .ofErrno() }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(entry.pointee.d_reclen)) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        guard errno == 0 else { throw .ofErrno() }
        return names.sorted()
    }
}

extension FileProblem {
    fileprivate static func ofErrno() -> FileProblem { FileProblem(phrase: String(systemError: errno)) }
}
