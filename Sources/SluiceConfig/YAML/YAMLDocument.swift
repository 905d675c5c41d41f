/// Makes the tree of a file, and reports what YAML offers that a configuration does without: anchors, aliases, tags,
/// several documents, keys twice.
struct YAMLDocument: ~Copyable {
    /// Values may lie this deep in each other. The deepest field lies at 4.
    static let deepest = 32

    private let parser: YAMLParser
    private let context: ReadingContext

    /// The tree of a file; `nil` where it holds no value, or where it broke off (which is then reported).
    static func read(_ context: ReadingContext) -> YAMLNode? {
        context.source.bytes.withUnsafeBufferPointer { bytes -> YAMLNode? in
            let document = YAMLDocument(parser: YAMLParser(bytes), context: context)
            do throws(YAMLSyntaxError) {
                return try document.root()
            } catch {
                document.report(error)
                return nil
            }
        }
    }

    private func root() throws(YAMLSyntaxError) -> YAMLNode? {
        _ = try parser.next()  // the stream's start
        guard case .documentStart = try parser.next().kind else { return nil }
        let root = try node(parser.next(), depth: 0)
        _ = try parser.next()  // the document's end
        let event = try parser.next()
        guard !root.isNull else { return nil }
        if case .documentStart = event.kind {
            context.report(at: event.mark, "a second document begins", "expected one document in each file")
        }
        return root
    }

    private func node(_ event: YAMLEvent, depth: Int) throws(YAMLSyntaxError) -> YAMLNode {
        if event.hasAnchor {
            context.report(at: event.mark, "an anchor (`&name`)", "write each value out where it is needed")
        }
        if event.hasTag {
            context.report(at: event.mark, "a tag (`!name`)", "write the value alone: each key knows its own type")
        }
        switch event.kind {
        case .scalar(let scalar): return YAMLNode(content: .scalar(scalar), mark: event.mark)
        case .sequenceStart: return try sequence(at: event.mark, depth: depth + 1)
        case .mappingStart: return try mapping(at: event.mark, depth: depth + 1)
        default:
            context.report(at: event.mark, "an alias (`*name`)", "write each value out where it is needed")
            return YAMLNode(content: .refused, mark: event.mark)
        }
    }

    private func sequence(at mark: YAMLMark, depth: Int) throws(YAMLSyntaxError) -> YAMLNode {
        try checkDepth(depth, at: mark)
        var items: [YAMLNode] = []
        while true {
            let event = try parser.next()
            if case .sequenceEnd = event.kind { return YAMLNode(content: .sequence(items), mark: mark) }
            items.append(try node(event, depth: depth))
        }
    }

    private func mapping(at mark: YAMLMark, depth: Int) throws(YAMLSyntaxError) -> YAMLNode {
        try checkDepth(depth, at: mark)
        var entries: [YAMLEntry] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try parser.next()
            if case .mappingEnd = event.kind { return YAMLNode(content: .mapping(entries), mark: mark) }
            let key = try node(event, depth: depth)
            let value = try node(parser.next(), depth: depth)
            guard case .scalar(let name) = key.content else {
                if case .refused = key.content { continue }
                context.report(at: key.mark, "a list or mapping as a key", "expected a word")
                continue
            }
            if let line = lines[name.text] {
                context.report(
                    at: key.mark, "the key \(quoted(name.text)) stands here again, first on line \(line)",
                    "expected each key once")
            } else {
                lines[name.text] = key.mark.line
                entries.append(YAMLEntry(key: name.text, keyMark: key.mark, value: value))
            }
        }
    }

    private func checkDepth(_ depth: Int, at mark: YAMLMark) throws(YAMLSyntaxError) {
        guard depth > Self.deepest else { return }
        throw YAMLSyntaxError(
            problem: "values lie more than \(Self.deepest) deep in each other", mark: mark, byteOffset: 0)
    }

    private func report(_ error: YAMLSyntaxError) {
        let mark = error.mark ?? context.source.mark(atByte: error.byteOffset)
        let remedy: String
        var problem = error.problem
        let byte = context.source.byte(at: mark)
        switch problem {
        case _ where byte == UInt8(ascii: "\t"):
            problem = "a tab stands where YAML allows none"
            remedy = "expected spaces"
        case "found character that cannot start any token":
            remedy = "put the text between quotes"
        case "mapping values are not allowed in this context":
            problem = "a colon stands where no key may"
            remedy = "put text that holds a colon between quotes, and a nested mapping between braces"
        default:
            remedy = "expected `key: value` lines, indented with spaces"
        }
        let whereabouts = error.context.map { " (\($0.text), from line \($0.line))" } ?? ""
        context.report(at: mark, "not YAML: \(problem)\(whereabouts)", remedy)
    }
}
