internal import SluiceCore

/// The columns of the result, and what the definition's keys name: columns, or members that the SQL does not select.
struct ResultColumns {
    /// What a key names that may name either.
    struct Named {
        let name: String
        let origin: Origin
    }

    enum Origin {
        /// A column of the result.
        case column(Int)
        /// A member of the record, as a column of the decoder: it makes the version, and is not written.
        case member(Int)
    }

    let names: [String]
    let entity: [Int]
    let eventTime: Int
    let revision: Named?
    let deleteWhen: Named?

    /// Most characters of a column's name.
    private static let longestName = 64

    /// - Parameters:
    ///   - offsets: where the columns' expressions stand in the SQL.
    ///   - wanted: what the SQL reads; members that keys name are added.
    init(
        names: [String], offsets: [Int], definition: FeatureDefinition, wanted: inout WantedMembers
    ) throws(TransformErrors) {
        var errors: [TransformError] = []
        for (place, name) in names.enumerated() {
            let offset = place < offsets.count ? offsets[place] : nil
            let isTwice = names[..<place].contains { $0.lowercased() == name.lowercased() }
            if let (message, remedy) = Self.fault(of: name, isTwice: isTwice) {
                errors.append(TransformError(message, remedy: remedy, sqlOffset: offset))
            }
        }
        if definition.entity.isEmpty {
            errors.append(TransformError("`entity` names no column", remedy: "at least one is expected", key: "entity"))
        }
        func place(of column: String, key: String) -> Int? {
            if let place = names.firstIndex(of: column) { return place }
            let near = nearest(to: column, among: names).map { "did you mean `\($0)`?" }
            errors.append(
                TransformError(
                    "`\(column)` is not among the columns that the SQL selects",
                    remedy: near ?? "these are: \(names.joined(separator: ", "))", key: key))
            return nil
        }
        let entity = definition.entity.map { place(of: $0, key: "entity") }
        let eventTime = place(of: definition.eventTime, key: "event_time")
        func named(_ name: String, key: String) -> Named {
            if let place = names.firstIndex(of: name) { return Named(name: name, origin: .column(place)) }
            // A record may lack the member, so a misspelt name would pass without notice: what it nearly is must tell.
            if name.utf8.count > 2, !wanted.contains(name), let near = nearest(to: name, among: names) {
                errors.append(
                    TransformError(
                        "the SQL neither selects nor reads `\(name)`, but selects `\(near)`",
                        remedy:
                            "did you mean `\(near)`? A member of the record named `\(name)` must be selected as well",
                        key: key))
            }
            return Named(name: name, origin: .member(wanted.column(of: name)))
        }
        revision = definition.revision.map { named($0, key: "revision") }
        deleteWhen = definition.deleteWhen.map { named($0, key: "delete_when") }
        guard errors.isEmpty, let eventTime else { throw TransformErrors(errors) }
        self.names = names
        self.entity = entity.compactMap { $0 }
        self.eventTime = eventTime
    }

    private static func fault(of name: String, isTwice: Bool) -> (message: String, remedy: String)? {
        if isTwice {
            return ("two columns of the result are named `\(name)`, apart from case", "give one another name")
        }
        let characters = name.utf8
        if characters.count > longestName, characters.allSatisfy(isNamePart) {
            return (
                "the column name `\(name)` has \(characters.count) characters", "at most \(longestName) are allowed"
            )
        }
        guard characters.allSatisfy(isNamePart), let first = characters.first else {
            return (
                "the column `\(shortened(name))` has no name that sinks can use", "add `AS name` (letters, digits, `_`)"
            )
        }
        if first == UInt8(ascii: "_") {
            return ("the column name `\(name)` begins with `_`, which sinks keep for themselves", "add `AS name`")
        }
        if !isLetter(first) { return ("the column `\(name)` has no name that sinks can use", "add `AS name`") }
        return nil
    }

    private static func shortened(_ name: String) -> String { name.count > 40 ? name.prefix(39) + "…" : name }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        isLetter(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }
}
