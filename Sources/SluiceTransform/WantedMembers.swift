/// The members that records are decoded for: those that the SQL reads, and those that rules read beside it.
struct WantedMembers {
    /// Each once, in the order of the decoder's columns.
    private(set) var names: [String]

    /// - Parameter names: what the SQL reads, each once.
    init(readBySQL names: [String]) { self.names = names }

    func contains(_ name: String) -> Bool { names.contains(name) }

    /// The decoder's column of a member, which is wanted from now on.
    mutating func column(of name: String) -> Int {
        if let column = names.firstIndex(of: name) { return column }
        names.append(name)
        return names.count - 1
    }
}
