internal import SluiceSQLite

/// Guards before those of SQLite's functions that read the clock when the data says so, and those that can take long
/// within one step, where nothing can stop them.
enum FunctionGuards {
    /// Most products of the lengths of two texts that a function may walk over in one call: 30 ms.
    private static let work = 1 << 26
    /// Most characters by which the widths in one format may widen the result.
    private static let width = 1 << 20

    /// Puts guards before those of the functions that are used, since each call through one costs a little.
    static func install(on connection: Connection, for used: Set<String>) throws(SQLiteError) {
        for name in SQLVocabulary.dateFunctions where used.contains(name) {
            try connection.guardFunction(name) { clock(name, $0) }
        }
        for name in ["trim", "ltrim", "rtrim", "instr"] where used.contains(name) {
            try connection.guardFunction(name, argumentCount: 2) { product(name, $0) }
        }
        if used.contains("replace") {
            try connection.guardFunction("replace", argumentCount: 3) { product("replace", $0) }
        }
        for name in ["printf", "format"] where used.contains(name) {
            try connection.guardFunction(name) { widths(name, $0) }
        }
    }

    /// A time of 'now', or none at all, is the clock's; two modifiers ask for the machine's time zone.
    private static func clock(_ name: String, _ arguments: SQLArguments) -> String? {
        let time = name == "strftime" ? 1 : 0
        guard arguments.count > time else { return "\(name) without a time reads the clock" }
        if isText(arguments.text(time), "now") { return "'now' came to \(name), which reads the clock then" }
        for place in time + 1..<max(arguments.count, time + 1) {
            for zone in ["localtime", "utc"] where isText(arguments.text(place), zone) {
                return "'\(zone)' came to \(name), and depends on the machine's time zone"
            }
        }
        return nil
    }

    /// Compares as SQLite's date functions do: without case, and up to a NUL.
    private static func isText(_ text: UnsafeBufferPointer<UInt8>, _ word: String) -> Bool {
        let text = text.prefix { $0 != 0 }
        return text.count == word.utf8.count && zip(text, word.utf8).allSatisfy { $0 | 0x20 == $1 }
    }

    /// These look for one text, or its characters, at each place of another.
    private static func product(_ name: String, _ arguments: SQLArguments) -> String? {
        let (one, other) = (arguments.text(0).count, arguments.text(1).count)
        return one * other <= work ? nil : "\(name) of texts of \(one) and \(other) bytes takes too long"
    }

    /// SQLite widens a result character by character, even when it has long become too long.
    private static func widths(_ name: String, _ arguments: SQLArguments) -> String? {
        guard arguments.count > 0 else { return nil }
        var total = 0
        var number = 0
        var isInSpecification = false
        for character in arguments.text(0) {
            switch character {
            case UInt8(ascii: "%"): isInSpecification.toggle()
            case UInt8(ascii: "*") where isInSpecification:
                return "\(name) takes widths as numbers in its format, not as `*`"
            case 48...57 where isInSpecification:
                number = min(number * 10 + Int(character - 48), width + 1)
                continue
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                isInSpecification = false
            default: break
            }
            total += number
            number = 0
            if total > width { return "\(name) with widths of more than \(width) characters takes too long" }
        }
        return nil
    }
}
