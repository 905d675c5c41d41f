/// Where the rides are, and who takes them: names as awkward as real ones.
enum Town {
    static let cities = [
        "Los Angeles", "SAN JOSÉ", "São Paulo", "Zürich", "MÜNCHEN", "Łódź", "İstanbul", "東京", "Åre|Östersund",
        "Saint-Denis {97}",
    ]

    /// Districts, and the ones that need care in a key: separators, braces, percent signs, control characters.
    static let zones =
        (1...28).map { "District \($0)" } + [
            "Terminal A|B", "100% Mall", "{Depot}", "Old\tTown", "Größe \"Süd\"", "back\\slash", "Ünter den Linden",
            "浅草", "🚉 Nord", " padded ", "%7C", "A::b",
        ]

    static let names = [
        "Ana", "Bo", "Zoë", "Łukasz", "José María", "O'Neil", "\"Ace\"", "Jo\\han", "李雷", "Ελένη", "محمد", "🚕 Max",
        "Line\nbreak", "tab\there", "e\u{301}clair", "", "NULL", "'; DROP TABLE events; --", "$set", "{\"a\":1}",
    ]

    /// What SQLite's `lower()` makes of a text: it knows the letters of ASCII only.
    static func lowercasedInASCII(_ text: String) -> String {
        let bytes = text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
