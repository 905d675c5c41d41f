/// A path as the file system knows it: by its bytes. To Swift's strings `é` and `e\u{301}` are equal, and so two files
/// of such names would pass for one.
struct FilePath: Hashable, Comparable {
    let text: String

    static func == (one: FilePath, other: FilePath) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }

    static func < (one: FilePath, other: FilePath) -> Bool {
        one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
