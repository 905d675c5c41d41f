/// "Did you mean": the known name that a person most likely meant to write.
enum NearName {
    /// The nearest of `names`, where one is near enough: at most a third of its letters differ (two swapped letters
    /// count as one difference), and case, `-` and `_` do not count. Texts beyond 64 characters have no neighbour.
    static func of(_ text: String, among names: some Sequence<String>) -> String? {
        guard !text.isEmpty, text.utf8.count <= 64 else { return nil }
        let folded = fold(text)
        var best: (name: String, distance: Int)?
        for name in names.sorted() where name.utf8.count <= 64 && name != text {
            let candidate = fold(name)
            let allowed = max(1, max(candidate.count, folded.count) / 3)
            guard abs(candidate.count - folded.count) <= allowed else { continue }
            let distance = distance(folded, candidate)
            if distance <= allowed, distance < min(best?.distance ?? .max, candidate.count) { best = (name, distance) }
        }
        return best?.name
    }

    private static func fold(_ text: String) -> [UInt8] {
        text.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that make one of the other.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for (row, byte) in one.enumerated() {
            var current = [row + 1]
            for (column, otherByte) in other.enumerated() {
                var cost = min(
                    last[column + 1] + 1, current[column] + 1, last[column] + (byte == otherByte ? 0 : 1))
                if row > 0, column > 0, byte == other[column - 1], one[row - 1] == otherByte {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[other.count]
    }
}
