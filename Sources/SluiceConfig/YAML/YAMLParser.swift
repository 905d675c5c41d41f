// libyaml's event interface, taken from the copy that Yams carries. Yams's own tree would not do: it throws at the
// first duplicate key, and the file's other errors would stay unsaid.
internal import CYaml

/// One event of libyaml, taken out of C.
struct YAMLEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias
        case scalar(YAMLScalar)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    var kind: Kind
    var mark: YAMLMark
    var hasAnchor = false
    var hasTag = false
}

/// Why libyaml stopped.
struct YAMLSyntaxError: Error {
    /// libyaml's own words, and the construct it was in.
    var problem: String
    var context: (text: String, line: Int)?
    /// `nil` where the bytes themselves are at fault, at `byteOffset`.
    var mark: YAMLMark?
    var byteOffset: Int
}

/// libyaml's parser over bytes in memory. The bytes must outlive it.
struct YAMLParser: ~Copyable {
    /// On the heap, since the parser holds pointers to itself.
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// The bytes must be UTF-8, without a byte-order mark.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        precondition(yaml_parser_initialize(parser) == 1, "libyaml has no memory for a parser")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event. After an error or the end of the stream there is none, and this must not be called again.
    func next() throws(YAMLSyntaxError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        let mark = Self.mark(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, mark: mark)
        case YAML_STREAM_END_EVENT: return YAMLEvent(kind: .streamEnd, mark: mark)
        case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, mark: mark)
        case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, mark: mark)
        case YAML_ALIAS_EVENT: return YAMLEvent(kind: .alias, mark: mark)
        case YAML_SCALAR_EVENT: return scalar(event.data.scalar, mark)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return YAMLEvent(
                kind: .sequenceStart, mark: mark, hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
        case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, mark: mark)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return YAMLEvent(kind: .mappingStart, mark: mark, hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
        case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, mark: mark)
        default: preconditionFailure("libyaml gave an event that it does not document")
        }
    }

    private func scalar(_ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar, _ mark: YAMLMark)
        -> YAMLEvent
    {
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        let style: YAMLScalar.Style =
            switch scalar.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
            case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
            case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
            default: .plain
            }
        return YAMLEvent(
            kind: .scalar(YAMLScalar(text: String(decoding: bytes, as: UTF8.self), style: style)), mark: mark,
            hasAnchor: scalar.anchor != nil, hasTag: scalar.tag != nil)
    }

    private func syntaxError() -> YAMLSyntaxError {
        let state = parser.pointee
        guard state.error != YAML_MEMORY_ERROR else { preconditionFailure("libyaml ran out of memory") }
        let problem = state.problem.map { String(cString: $0) } ?? "an error that libyaml does not describe"
        guard state.error != YAML_READER_ERROR else {
            return YAMLSyntaxError(problem: problem, byteOffset: state.problem_offset)
        }
        let context = state.context.map { (String(cString: $0), Int(state.context_mark.line) + 1) }
        return YAMLSyntaxError(problem: problem, context: context, mark: Self.mark(state.problem_mark), byteOffset: 0)
    }

    private static func mark(_ mark: yaml_mark_t) -> YAMLMark {
        YAMLMark(index: mark.index, line: mark.line + 1, column: mark.column + 1)
    }
}
