internal import CMongoc
internal import Glibc
internal import SluiceCore

/// One client of libmongoc, of the kind without threads of its own. Used on one thread; calls block up to the time-outs.
///
/// After `MongoError.unreachable` let go of it and make another: a client remembers for 5 s that a server was down.
final class MongoClient {
    private let client: OpaquePointer
    private let database: String

    /// Prepares it; the first operation connects.
    init(_ configuration: MongoSinkConfiguration) throws(MongoError) {
        MongoLibrary.start()
        let error = MongoErrorBuffer()
        guard let uri = mongoc_uri_new_with_error(configuration.uri.revealed, error.pointer) else {
            // The library's words may repeat the URI, and with it a password.
            throw .misconfigured("the MongoDB URI cannot be read; expected mongodb://[user:password@]host[:port]/…")
        }
        defer { mongoc_uri_destroy(uri) }
        try Self.overrule(uri, timeout: configuration.timeout)
        guard let client = mongoc_client_new_from_uri_with_error(uri, error.pointer) else {
            throw .misconfigured("the MongoDB URI cannot be used: \(error.message)")
        }
        self.client = client
        database = configuration.database
        guard mongoc_client_set_error_api(client, MONGOC_ERROR_API_VERSION_2) else {
            throw .misconfigured("libmongoc does not know the error interface of version 2")
        }
    }

    deinit { mongoc_client_destroy(client) }

    /// Sees to time-outs and durability, whatever the URI says. Writes are not retried by the library: they can always
    /// be written again, and a repeat behind our back would spoil the counts.
    private static func overrule(_ uri: OpaquePointer, timeout: Duration) throws(MongoError) {
        let milliseconds = Int32(min(max(timeout.nanoseconds / 1_000_000, 1), 9000))
        guard
            mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, milliseconds),
            mongoc_uri_set_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, min(milliseconds, 2000)),
            mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, milliseconds),
            mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, false),
            mongoc_uri_set_appname(uri, "sluice")
        else { throw .misconfigured("libmongoc does not take the time-outs; use another version") }
        guard let concern = mongoc_write_concern_new() else { throw .misconfigured("no memory") }
        defer { mongoc_write_concern_destroy(concern) }
        mongoc_write_concern_set_wmajority(concern, max(milliseconds / 2, 1))
        mongoc_write_concern_set_journal(concern, true)
        mongoc_uri_set_write_concern(uri, concern)
    }

    /// Sends updates of one collection as one unordered bulk, each an upsert by a pipeline.
    ///
    /// - Parameters:
    ///   - count: how many there are.
    ///   - prepare: writes an update's filter and pipeline.
    /// - Returns: what the server said, merged: counts, `upserted`, `writeErrors`.
    func update(
        _ collection: String, count: Int,
        _ prepare: (Int, _ filter: inout BSONWriter, _ update: inout BSONWriter) -> Void
    ) throws(MongoError) -> BSONDocument {
        let handle = mongoc_client_get_collection(client, database, collection)
        defer { mongoc_collection_destroy(handle) }
        var writer = BSONWriter()
        writer.begin()
        writer.append("ordered", false)
        writer.end()
        let bulk = Self.lend(writer) { mongoc_collection_create_bulk_operation_with_opts(handle, $0) }
        guard let bulk else { throw .misconfigured("no memory for a bulk") }
        defer { mongoc_bulk_operation_destroy(bulk) }

        let error = MongoErrorBuffer()
        var options = BSONWriter()
        options.begin()
        options.append("upsert", true)
        // What is written here is valid by construction.
        options.append("validate", false)
        options.end()
        var filter = BSONWriter()
        var update = BSONWriter()
        for index in 0..<count {
            prepare(index, &filter, &update)
            let isTaken = Self.lend(filter) { filter in
                Self.lend(update) { update in
                    Self.lend(options) {
                        mongoc_bulk_operation_update_one_with_opts(bulk, filter, update, $0, error.pointer)
                    }
                }
            }
            guard isTaken else { throw failure(error) }
        }
        let reply = BSONBuffer()
        let isDone = mongoc_bulk_operation_execute(bulk, reply.pointer, error.pointer) != 0
        reply.isFilled = true
        let document = reply.document
        if !isDone {
            if let concern = document.documents("writeConcernErrors").first {
                throw .notDurable(MongoServerError(code: 64, message: concern.text("errmsg")).message)
            }
            // With errors of single updates the bulk counts as failed; what they mean is the caller's to say.
            let isOfUpdates = error.domain == MONGOC_ERROR_SERVER || error.domain == MONGOC_ERROR_COMMAND
            guard isOfUpdates, !document.documents("writeErrors").isEmpty else { throw failure(error) }
        }
        return document
    }

    /// Documents of a collection, read from the primary.
    func find(_ collection: String, filter: BSONWriter, options: BSONWriter) throws(MongoError) -> [BSONDocument] {
        let handle = mongoc_client_get_collection(client, database, collection)
        defer { mongoc_collection_destroy(handle) }
        let preference = mongoc_read_prefs_new(MONGOC_READ_PRIMARY)
        defer { mongoc_read_prefs_destroy(preference) }
        let cursor = Self.lend(filter) { filter in
            Self.lend(options) { mongoc_collection_find_with_opts(handle, filter, $0, preference) }
        }
        guard let cursor else { throw .misconfigured("no memory for a cursor") }
        defer { mongoc_cursor_destroy(cursor) }
        var documents: [BSONDocument] = []
        var document: OpaquePointer?
        while mongoc_cursor_next(cursor, &document), let document {
            documents.append(BSONBuffer.copy(document))
        }
        let error = MongoErrorBuffer()
        if mongoc_cursor_error(cursor, error.pointer) { throw failure(error) }
        return documents
    }

    /// Runs a command on the primary, of this client's database or another. Its durability is what the command says.
    @discardableResult
    func command(_ command: BSONWriter, database other: String? = nil) throws(MongoError) -> BSONDocument {
        let error = MongoErrorBuffer()
        let reply = BSONBuffer()
        let isDone = Self.lend(command) {
            mongoc_client_command_simple(client, other ?? database, $0, nil, reply.pointer, error.pointer)
        }
        reply.isFilled = true
        guard isDone else { throw failure(error) }
        let document = reply.document
        if case .document(let concern)? = document["writeConcernError"] {
            throw .notDurable(MongoServerError(code: 64, message: concern.text("errmsg")).message)
        }
        return document
    }

    private func failure(_ error: MongoErrorBuffer) -> MongoError {
        let words = MongoServerError(code: 0, message: error.message).message
        switch error.domain {
        case MONGOC_ERROR_SERVER where error.code == 18: return .misconfigured("authentication failed: \(words)")
        case MONGOC_ERROR_SERVER: return .server(MongoServerError(code: Int64(error.code), message: error.message))
        case MONGOC_ERROR_CLIENT where error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE.rawValue:
            return .misconfigured("authentication failed: \(words)")
        case MONGOC_ERROR_SASL, MONGOC_ERROR_SCRAM: return .misconfigured("authentication failed: \(words)")
        case MONGOC_ERROR_BSON: return .tooLarge(words)
        case MONGOC_ERROR_WRITE_CONCERN: return .notDurable(words)
        case MONGOC_ERROR_COMMAND, MONGOC_ERROR_COLLECTION, MONGOC_ERROR_NAMESPACE: return .misconfigured(words)
        default: return .unreachable(words)
        }
    }

    /// Lends what was written to the library.
    private static func lend<Result>(_ writer: BSONWriter, _ body: (OpaquePointer) -> Result) -> Result {
        let memory = BSONBuffer.allocate()
        defer { memory.deallocate() }
        return writer.bytes.withUnsafeBufferPointer { bytes in
            let isDocument = bson_init_static(OpaquePointer(memory), bytes.baseAddress, bytes.count)
            precondition(isDocument, "the writer closes every document that it opened")
            return body(OpaquePointer(memory))
        }
    }
}

/// Starts libmongoc once in a process, and silences its log: what matters comes back as errors.
enum MongoLibrary {
    private static let started: Void = {
        // Its counters would stand in /dev/shm, and stay there when the process is killed.
        setenv("MONGOC_DISABLE_SHM", "1", 0)
        mongoc_init()
        mongoc_log_set_handler(nil, nil)
    }()

    static func start() { started }
}
