import SluiceCore
import SluiceTesting

@testable import SluiceMongo

/// A real MongoDB of the tests, and what they ask it behind the sink's back.
struct MongoStore {
    static let database = "sluice_tests"
    let port: Int

    init(_ server: ServerProcess) { port = server.port }

    init(port: Int) { self.port = port }

    var configuration: MongoSinkConfiguration {
        MongoSinkConfiguration(uri: Secret("mongodb://127.0.0.1:\(port)/"), database: Self.database)
    }

    func connect() throws -> MongoClient { try MongoClient(configuration) }

    @discardableResult
    func command(database: String? = nil, _ body: (inout BSONWriter) -> Void) throws -> BSONDocument {
        try connect().command(document(body), database: database)
    }

    func find(_ collection: String) throws -> [BSONDocument] {
        try connect().find(collection, filter: document { _ in }, options: document { _ in })
    }

    func state(of featureVersion: FeatureVersion) throws -> [StoredRow] {
        try find("\(featureVersion.feature)_v\(featureVersion.version)").map { document in
            var values: [String: Value] = [:]
            for (name, value) in document.fields where !name.hasPrefix("_") {
                switch value {
                case .integer(let number): values[name] = .integer(number)
                case .double(let number): values[name] = .real(number)
                case .text(let text): values[name] = .text(String(decoding: text, as: UTF8.self))
                default: values[name] = .null
                }
            }
            return StoredRow(
                entity: document.text("_id"), version: document.text("_v"),
                isDeleted: document["_deleted"] == .bool(true), values: values)
        }
    }
}

func document(_ body: (inout BSONWriter) -> Void) -> BSONWriter {
    var writer = BSONWriter()
    writer.begin()
    body(&writer)
    writer.end()
    return writer
}
