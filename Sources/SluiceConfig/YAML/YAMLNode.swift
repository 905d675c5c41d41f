/// A value in a YAML file, with its place. Scalars stay text: what `no`, `0o7` or `22:00` means is for the field that
/// they stand in to say, not for YAML 1.1.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
        /// What stands here is refused, and has been reported.
        case refused
    }

    var content: Content
    var mark: YAMLMark

    /// Nothing stands here: an empty value, `~` or `null`.
    var isNull: Bool {
        guard case .scalar(let scalar) = content, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// The value of a key, where this is a mapping that has it.
    subscript(key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }
}

/// A text, and how it was written: a place inside it is found again only with the style.
struct YAMLScalar: Sendable {
    enum Style: Sendable {
        case plain
        case singleQuoted
        case doubleQuoted
        /// `|` or `>`: the text begins on the next line.
        case block
    }

    var text: String
    var style: Style
}

/// A key with its value. Keys of one mapping are distinct.
struct YAMLEntry: Sendable {
    var key: String
    var keyMark: YAMLMark
    var value: YAMLNode
}

/// A place in a file.
struct YAMLMark: Hashable, Sendable {
    /// Unicode scalars before this place.
    var index: Int
    /// From 1.
    var line: Int
    /// From 1, in Unicode scalars.
    var column: Int

    static let start = YAMLMark(index: 0, line: 1, column: 1)
}
