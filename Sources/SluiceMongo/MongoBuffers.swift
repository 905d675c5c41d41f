internal import CMongoc

/// A `bson_t` that the library fills. The type is over-aligned, so Swift sees it as opaque and its memory is made here.
final class BSONBuffer {
    let pointer: OpaquePointer
    private let memory: UnsafeMutableRawPointer
    /// Whether the library has made a document of the memory, which must then be destroyed.
    var isFilled = false

    init() {
        memory = Self.allocate()
        pointer = OpaquePointer(memory)
    }

    deinit {
        if isFilled { bson_destroy(pointer) }
        memory.deallocate()
    }

    /// A copy of what it holds.
    var document: BSONDocument { Self.copy(pointer) }

    static func allocate() -> UnsafeMutableRawPointer { .allocate(byteCount: 128, alignment: 128) }

    static func copy(_ document: OpaquePointer) -> BSONDocument {
        let data = UnsafeRawPointer(bson_get_data(document)!)
        let length = data.loadUnaligned(as: UInt32.self).littleEndian
        return BSONDocument(bytes: Array(UnsafeRawBufferPointer(start: data, count: Int(length)))[...])
    }
}

/// Where the library writes why it failed.
final class MongoErrorBuffer {
    let pointer: UnsafeMutablePointer<bson_error_t>

    init() {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: bson_error_t())
    }

    deinit { pointer.deallocate() }

    var domain: mongoc_error_domain_t { mongoc_error_domain_t(pointer.pointee.domain) }
    var code: UInt32 { pointer.pointee.code }

    var message: String {
        withUnsafeBytes(of: pointer.pointee.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
