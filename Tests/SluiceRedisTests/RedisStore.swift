import SluiceCore
import SluiceTesting

@testable import SluiceRedis

/// A real Redis of the tests, and what they ask it behind the sink's back.
struct RedisStore {
    let server: ServerProcess

    init(_ server: ServerProcess) { self.server = server }

    var address: RedisAddress { RedisAddress(.tcp(host: "127.0.0.1", port: server.port)) }

    @discardableResult
    func call(_ arguments: String...) throws -> RedisValue {
        try connect().call([arguments])[0]
    }

    func connect() throws -> RedisConnection {
        try RedisConnection(
            to: address, connectTimeout: .seconds(5), timeout: .seconds(10), socket: RedisSocket())
    }

    func state(of featureVersion: FeatureVersion) throws -> [StoredRow] {
        let prefix = "\(featureVersion.feature):\(featureVersion.version):{"
        let connection = try connect()
        guard case .array(let keys) = try connection.call("KEYS", prefix + "*}") else { return [] }
        var state: [StoredRow] = []
        for key in keys {
            guard case .text(let name) = key,
                case .array(let parts) = try connection.call([["HGETALL", key.string!]])[0]
            else { continue }
            var fields: [String: Value] = [:]
            for place in stride(from: 0, to: parts.count, by: 2) {
                fields[parts[place].string!] = .text(parts[place + 1].string!)
            }
            guard !fields.isEmpty else { continue }
            guard case .text(let version) = fields.removeValue(forKey: "_v") ?? "" else { continue }
            let isDeleted = fields.removeValue(forKey: "_deleted") == "1"
            state.append(
                StoredRow(
                    entity: String(decoding: name.dropFirst(prefix.utf8.count).dropLast(), as: UTF8.self),
                    version: version, isDeleted: isDeleted, values: fields))
        }
        return state
    }
}
