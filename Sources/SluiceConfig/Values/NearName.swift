internal import SluiceCore

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
            let distance = editDistance(folded, candidate)
            if distance <= allowed, distance < min(best?.distance ?? .max, candidate.count) { best = (name, distance) }
        }
        return best?.name
    }

    private static func fold(_ text: String) -> [UInt8] {
        text.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }
}
