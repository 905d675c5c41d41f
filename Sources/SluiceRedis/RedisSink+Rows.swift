internal import SluiceCore

/// What all rows of one schema share in their requests, made once.
final class RedisRowTemplate {
    /// Kept, so that its identity stays its own.
    let schema: RowSchema
    /// The key up to the entity: `rider_activity:2:{`.
    let keyPrefix: [UInt8]
    /// The columns' names as arguments.
    let names: [[UInt8]]

    init(_ schema: RowSchema) {
        self.schema = schema
        keyPrefix = Array("\(schema.featureVersion.feature):\(schema.featureVersion.version):{".utf8)
        names = schema.columns.map { Array("$\($0.utf8.count)\r\n\($0)\r\n".utf8) }
    }
}

/// The templates of the schemas met lately. A change of configuration brings new schemas, so there is a bound.
struct RedisRowTemplates {
    private static let limit = 1024
    private var templates: [ObjectIdentifier: RedisRowTemplate] = [:]
    private var last: RedisRowTemplate?

    mutating func template(for schema: RowSchema) -> RedisRowTemplate {
        if let last, last.schema === schema { return last }
        let template: RedisRowTemplate
        if let known = templates[ObjectIdentifier(schema)] {
            template = known
        } else {
            if templates.count == Self.limit { templates.removeAll() }
            template = RedisRowTemplate(schema)
            templates[ObjectIdentifier(schema)] = template
        }
        last = template
        return template
    }
}

/// One script call in the making: its keys and its arguments, which are sent one after the other.
struct RedisRowCall: ~Copyable {
    /// Most rows of one call. More gain nothing, and make the server's other clients wait: 256 about 2 ms.
    private static let rowLimit = 256
    /// Most arguments, and bytes of them, after which a call takes no further row.
    private static let argumentLimit = 1 << 15
    private static let byteLimit = 1 << 20

    private var keys = RESPBuffer()
    private var arguments = RESPBuffer()
    private var keyCount = 0
    private var argumentCount = 0

    var isFull: Bool {
        keyCount == Self.rowLimit || argumentCount >= Self.argumentLimit || arguments.count >= Self.byteLimit
    }

    var isEmpty: Bool { keyCount == 0 }

    mutating func removeAll() {
        keys.removeAll()
        arguments.removeAll()
        keyCount = 0
        argumentCount = 0
    }

    mutating func append(_ row: Row, _ template: RedisRowTemplate) {
        row.withEntity { keys.append(bulk: template.keyPrefix, $0, UInt8(ascii: "}")) }
        keyCount += 1

        if let expiresAt = row.expiresAt {
            // Rounded up: a row must not be gone before its time.
            let (milliseconds, rest) = expiresAt.microseconds.quotientAndRemainder(dividingBy: 1000)
            arguments.append(bulk: milliseconds + (rest > 0 ? 1 : 0))
        } else {
            arguments.append(raw: Self.empty)
        }
        let fields = row.isDeleted ? 1 : fieldCount(of: row)
        arguments.append(bulk: Int64(2 * fields + 2))
        arguments.append(raw: Self.versionHead)
        arguments.append(count: WriteVersion.textLength) { row.version.write(to: $0) }
        arguments.append(raw: Self.lineEnd)
        if row.isDeleted {
            arguments.append(raw: Self.deleted)
        } else {
            row.forEachCell { column, cell in append(cell, template.names[column]) }
        }
        argumentCount += 2 * fields + 4
    }

    /// Sends the call under a header: `EVALSHA` and the script's hash, or `EVAL` and its text.
    func send(_ command: String, _ script: String, on connection: RedisConnection) throws(RedisError) {
        var header = RESPBuffer()
        header.appendHeader("*", 3 + keyCount + argumentCount)
        header.append(bulk: command)
        header.append(bulk: script)
        header.append(bulk: Int64(keyCount))
        try connection.send(header.bytes, isContinued: true)
        try connection.send(keys.bytes, isContinued: true)
        try connection.send(arguments.bytes)
    }

    private func fieldCount(of row: Row) -> Int {
        var count = 0
        row.forEachCell { _, cell in
            if case .null = cell { return }
            count += 1
        }
        return count
    }

    private mutating func append(_ cell: Cell, _ name: [UInt8]) {
        switch cell {
        case .null: return
        case .integer(let number):
            arguments.append(raw: name)
            arguments.append(bulk: number)
        case .real(let number):
            arguments.append(raw: name)
            arguments.append(bulk: number.description)
        case .text(let text):
            arguments.append(raw: name)
            arguments.append(bulk: text)
        }
    }

    private static let empty = Array("$0\r\n\r\n".utf8)
    private static let lineEnd = Array("\r\n".utf8)
    private static let versionHead = Array("$2\r\n_v\r\n$\(WriteVersion.textLength)\r\n".utf8)
    private static let deleted = Array("$8\r\n_deleted\r\n$1\r\n1\r\n".utf8)
}
