/// The column names in the first line of a CSV file.
public enum CSVHeader {
    /// The names; `nil` if the line is no header: not UTF-8, quotes that do not match, no name or an empty one.
    public static func names(in line: UnsafeBufferPointer<UInt8>) -> [String]? {
        let line = line.withoutByteOrderMark
        guard isUTF8(line) else { return nil }
        var fields = CSVFields(line)
        var names: [String] = []
        do throws(MalformedCSV) {
            while let field = try fields.next() {
                let text = String(decoding: field.text, as: UTF8.self)
                names.append(
                    field.hasDoubledQuotes
                        ? text.split(separator: "\"\"", omittingEmptySubsequences: false)
                            .joined(separator: "\"") : text)
            }
        } catch {
            return nil
        }
        return names.contains("") ? nil : names
    }
}
