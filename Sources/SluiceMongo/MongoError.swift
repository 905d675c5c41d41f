/// Why MongoDB did not do what was asked.
enum MongoError: Error, Hashable {
    /// No server, no primary, a connection reset, a time-out. In words.
    case unreachable(String)
    /// The server answered with an error.
    case server(MongoServerError)
    /// Too large to be sent at all.
    case tooLarge(String)
    /// Credentials, or the URI itself.
    case misconfigured(String)
    /// Done, but not as durably as asked.
    case notDurable(String)
}

/// An error of the server, by its code.
struct MongoServerError: Hashable {
    /// What an error is about, and so who can mend it.
    enum Meaning: Hashable {
        /// The document: it can never be taken.
        case data
        /// Two writers inserted one key at once, or a unique index.
        case duplicateKey
        /// Load, elections, shutdown, disk: it passes.
        case passing
        /// Rights, options, a kind of collection: a person mends it there.
        case configuration
    }

    let code: Int64
    /// In words, without what the server repeats of the command, which holds values.
    let message: String

    init(code: Int64, message: String) {
        self.code = code
        self.message = String(message.prefix { $0 != "{" }.prefix(200))
    }

    /// Codes are those of MongoDB's `error_codes.yml`; five digits are raised at one place of the server's source. A code
    /// that is not known here is not held against the document, since a row must not become a dead letter by what it has
    /// no part in: a database whose name differs from another's by case only is refused with one of them, too.
    var meaning: Meaning {
        switch code {
        case 11_000, 11_001, 12_582: .duplicateKey
        // FailedToParse, TypeMismatch, InvalidLength, InvalidBSON, DollarPrefixedFieldName, NotSingleValueField,
        // EmptyFieldName, DottedFieldName, ImmutableField, DocumentValidationFailure, CannotIndexParallelArrays.
        case 9, 14, 16, 22, 52, 54, 56, 57, 66, 121, 171: .data
        // HostUnreachable, HostNotFound, LockTimeout, NetworkTimeout, ShutdownInProgress, WriteConflict,
        // PrimarySteppedDown, ExceededTimeLimit, MaxTimeMSExpired, NotWritablePrimary and the like.
        case 1, 6, 7, 8, 24, 50, 63, 89, 91, 112, 133, 134, 150, 189, 202, 234, 262, 317, 358, 365, 384, 462: .passing
        case 9001, 10_107, 11_600, 11_601, 11_602, 13_388, 13_435, 13_436, 14_031: .passing
        // Too large before an update and after it, a place that is no place for a geographic index, a key too long for
        // an index.
        case 10_334, 17_419, 17_420, 16_755, 17_280: .data
        default: .configuration
        }
    }
}
