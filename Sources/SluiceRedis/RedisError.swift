/// Why a call to Redis gave no value.
enum RedisError: Error, Hashable {
    /// No connection, or a broken one: refused, reset, timed out, torn. In words.
    case connection(String)
    /// The server answered with an error.
    case reply(RedisErrorReply)
}

/// An error reply: `-OOM command not allowed when used memory > 'maxmemory'.`
struct RedisErrorReply: Hashable {
    /// The first word, in capitals: `OOM`, `WRONGTYPE`, `NOAUTH`; `ERR` where the server has no better one.
    let code: String
    /// The rest, for people.
    let message: String

    /// Reads an error reply. An error that a script met is unwrapped: Redis before 7 reports
    /// `ERR Error running script (call to f_…): @user_script:1: -OOM command…`.
    init(text: String) {
        var text = Substring(text)
        if text.hasPrefix("ERR Error running script"), let inner = Self.end(of: ": -", in: text) {
            text = text[inner...]
        }
        let words = text.split(separator: " ", maxSplits: 1)
        guard let first = words.first, first.utf8.allSatisfy({ (65...90).contains($0) }) else {
            self.init(code: "ERR", message: String(text))
            return
        }
        self.init(code: String(first), message: words.count == 2 ? Self.withoutArguments(words[1]) : "")
    }

    private init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// Messages about commands may repeat their arguments, which hold values: those are cut off.
    private static func withoutArguments(_ message: Substring) -> String {
        let cut = end(of: "with args beginning", in: message) == nil ? message : message.prefix(while: { $0 != "," })
        return String(cut.prefix(200))
    }

    /// Where a text ends within another.
    private static func end(of part: String, in text: Substring) -> Substring.Index? {
        var rest = text
        while !rest.isEmpty {
            if rest.hasPrefix(part) { return rest.index(rest.startIndex, offsetBy: part.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
