/// What the words of a feature's SQL say before SQLite sees it: that it is one SELECT over `events` and what else is
/// not allowed, with the place of each fault; and the names that may be members of the record.
///
/// It is no parser. What is malformed it leaves to SQLite; what is forbidden the gates behind it forbid as well, but
/// cannot say where it stands.
struct SQLShape {
    /// The names that may be members, each once, spelt as they are.
    private(set) var members: [String] = []
    /// Where the expressions of the result begin, in order.
    private(set) var resultOffsets: [Int] = []
    /// The functions that are called, folded.
    private(set) var functions: Set<String> = []
    /// Where the statement ends, in bytes of UTF-8: before a last semicolon and what is no token.
    private(set) var end = 0

    private let tokens: [SQLToken]
    private let scopes: SQLScopes
    private var errors: [TransformError] = []
    private var selects: [Int: SelectState] = [:]
    private var references: [Reference] = []
    private var eventsNames: Set<String> = []
    /// The names that the result's columns are given, folded, and whether they may be members: none is, that the
    /// expressions of the result do not read.
    private var resultNames: Set<String> = []

    private struct SelectState {
        enum Clause {
            case result
            case from
            case rest
        }

        var clause = Clause.result
        var expectsTable = false
        var tableFunctions = 0
        var readsEvents = false
    }

    private struct Reference {
        let token: Int
        /// The name before the dot, folded.
        let qualifier: String?
        let isInResult: Bool
    }

    init(_ sql: String) throws(TransformErrors) {
        var tokens = SQLToken.tokens(of: sql)
        if let broken = tokens.first(where: { $0.kind == .broken }) {
            throw TransformErrors([Self.fault(broken: broken)])
        }
        if let semicolon = tokens.firstIndex(where: { $0.isSign(";") }) {
            let rest = tokens[semicolon...].drop { $0.isSign(";") }
            if let second = rest.first {
                throw TransformErrors([
                    TransformError(
                        "a second statement follows the first", remedy: SQLVocabulary.expected,
                        sqlOffset: second.offset)
                ])
            }
            tokens.removeSubrange(semicolon...)
        }
        guard let first = tokens.first, first.isWord("select") else {
            let first = tokens.first
            let found = first.map { "the SQL begins with `\($0.text)`" } ?? "there is no SQL"
            let refused = first.flatMap { SQLVocabulary.refused[$0.folded] } ?? (found, SQLVocabulary.expected)
            throw TransformErrors([
                TransformError(refused.message, remedy: refused.remedy, sqlOffset: first?.offset)
            ])
        }
        end = tokens[tokens.count - 1].end
        self.tokens = tokens
        scopes = try SQLScopes(tokens)
        walk()
        checkTables()
        resolve()
        if !errors.isEmpty { throw TransformErrors(errors.sorted { ($0.sqlOffset ?? 0) < ($1.sqlOffset ?? 0) }) }
    }

    private static func fault(broken token: SQLToken) -> TransformError {
        let (message, remedy) =
            switch token.text {
            case "\0": ("a NUL character", "SQL is text")
            case "'", "\"", "`": ("`\(token.text)` opens what is never closed", "close it with another one")
            case "[": ("`[` opens what is never closed", "close it with `]`")
            case "/*": ("`/*` opens what is never closed", "close it with `*/`")
            default: ("`\(token.text)` means nothing in SQL", "leave it out, or quote the text or name that it is of")
            }
        return TransformError(message, remedy: remedy, sqlOffset: token.offset)
    }

    private mutating func fail(_ token: Int, _ message: String, remedy: String) {
        errors.append(TransformError(message, remedy: remedy, sqlOffset: tokens[token].offset))
    }

    private func token(_ index: Int) -> SQLToken? { tokens.indices.contains(index) ? tokens[index] : nil }

    // MARK: From left to right

    private mutating func walk() {
        var openCases = 0
        for index in tokens.indices {
            let token = tokens[index]
            let scope = scopes.scopeOfToken[index]
            let select = scopes.selectOfScope[scope]
            let isAtTop = scope == select
            switch token.kind {
            case .parameter:
                fail(
                    index,
                    "the parameter `\(token.text)` has no value here",
                    remedy: "name a member of the record or write a literal")
            case .string: checkClockText(index)
            case .sign: visit(sign: index, select: select, isAtTop: isAtTop)
            case .word
            where self.token(index - 1)?.isSign(".") != true && SQLVocabulary.reserved.contains(token.folded):
                if token.folded == "case" { openCases += 1 }
                visit(keyword: index, select: select, isAtTop: isAtTop)
            case .word where token.folded == "end" && openCases > 0: openCases -= 1
            case .word, .quotedName: visit(name: index, select: select, isAtTop: isAtTop)
            case .number, .broken: break
            }
        }
    }

    private mutating func visit(sign index: Int, select: Int, isAtTop: Bool) {
        let before = token(index - 1)
        switch tokens[index].text {
        case "*":
            let namesAll =
                before?.isWord("select") == true || before?.isSign(",") == true || before?.isSign(".") == true
            let closes = token(index + 1).map { $0.isSign(",") || $0.isWord("from") } ?? true
            if namesAll, closes || before?.isSign(".") == true {
                fail(index, "`*` depends on the record", remedy: "name the columns")
            }
        case ",":
            guard isAtTop else { break }
            if selects[select, default: SelectState()].clause == .from {
                selects[select]!.expectsTable = true
            } else if select == 0, let next = token(index + 1) {
                resultOffsets.append(next.offset)
            }
        case "(":
            if isAtTop, selects[select]?.expectsTable == true {
                selects[select]!.expectsTable = false
                fail(index, "a table in parentheses", remedy: "FROM takes `events` and `json_each(…)` by name")
            }
        default: break
        }
    }

    private mutating func visit(keyword index: Int, select: Int, isAtTop: Bool) {
        let word = tokens[index].folded
        let before = token(index - 1)
        if let refused = SQLVocabulary.refused[word] {
            if word == "right", token(index + 1)?.isSign("(") == true {
                return fail(index, "there is no function `right`", remedy: "use `substr(…, -n)`")
            }
            let mayBeName = ["offset", "over", "window"].contains(word)
            let asName = mayBeName ? "; a member of that name is written \"\(word)\"" : ""
            return fail(index, refused.message, remedy: refused.remedy + asName)
        }
        switch word {
        case "distinct":
            let compares = before?.isWord("is") == true || before?.isWord("not") == true
            if !compares {
                fail(index, "DISTINCT spans records", remedy: "equal rows of one entity are merged by their version")
            }
        case "select":
            selects[select] = SelectState()
            if index == 0, let next = token(1) {
                resultOffsets.append(next.offset)
            } else if index > 0, before?.isSign("(") != true {
                fail(index, "a second SELECT", remedy: SQLVocabulary.expected)
            }
        case "from" where isAtTop && before?.isWord("distinct") != true:
            selects[select, default: SelectState()].clause = .from
            selects[select]!.expectsTable = true
        case "join" where isAtTop: selects[select, default: SelectState()].expectsTable = true
        case "where" where isAtTop: selects[select, default: SelectState()].clause = .rest
        default: break
        }
    }

    private mutating func visit(name index: Int, select: Int, isAtTop: Bool) {
        let name = tokens[index]
        let folded = name.text.lowercased()
        let before = token(index - 1)
        if isAtTop, selects[select]?.expectsTable == true {
            selects[select]!.expectsTable = false
            return visit(table: index, folded, select: select)
        }
        if token(index + 1)?.isSign(".") == true { return }
        if token(index + 1)?.isSign("(") == true { return visit(function: index, folded) }
        if before?.isWord("collate") == true { return }
        if isTypeName(index) { return }
        let clause = selects[select]?.clause
        if before?.isWord("as") == true || (isAtTop && endsOperand(index - 1)) {
            if clause == .from { return noteTableName(folded, aliasAt: index) }
            if select == 0, isAtTop { resultNames.insert(folded) }
            return
        }
        let qualifier = before?.isSign(".") == true ? token(index - 2)?.text.lowercased() : nil
        if ["rowid", "_rowid_"].contains(folded) {
            return fail(
                index, "`\(name.text)` is the row's place in a batch, not a value of the record",
                remedy: "name a member")
        }
        let isInResult = selects[0]?.clause == .result
        references.append(Reference(token: index, qualifier: qualifier, isInResult: isInResult))
    }

    /// Whether a token ends a value, so that a name behind it names the result.
    private func endsOperand(_ index: Int) -> Bool {
        guard let token = token(index) else { return false }
        switch token.kind {
        case .quotedName, .string, .number: return true
        case .word: return token.folded == "end" || !SQLVocabulary.reserved.contains(token.folded)
        case .sign: return token.text == ")"
        case .parameter, .broken: return false
        }
    }

    /// Whether it stands behind the AS of a CAST.
    private func isTypeName(_ index: Int) -> Bool {
        guard case .cast? = scopes.innermost(around: index, where: { _ in true })?.kind else { return false }
        let scope = scopes.scopeOfToken[index]
        return (scopes.scopes[scope].open..<index).contains {
            scopes.scopeOfToken[$0] == scope && tokens[$0].isWord("as")
        }
    }

    // MARK: Tables and functions

    private mutating func visit(table index: Int, _ folded: String, select: Int) {
        let isCall = token(index + 1)?.isSign("(") == true
        if SQLVocabulary.tableFunctions.contains(folded), isCall {
            selects[select]!.tableFunctions += 1
            functions.insert(folded)
        } else if folded == "events", !isCall, token(index + 1)?.isSign(".") != true {
            if select != 0 {
                fail(
                    index, "a subquery over `events` spans records",
                    remedy: "only subqueries over json_each(…) are allowed")
            } else if selects[0]!.readsEvents {
                fail(index, "`events` stands twice", remedy: "it holds one record, so there is nothing to join it with")
            }
            selects[select]!.readsEvents = true
            eventsNames.insert("events")
        } else {
            fail(
                index, "`\(tokens[index].text)` is no table here", remedy: "`events`, json_each(…) and json_tree(…) are"
            )
        }
    }

    /// Notes that `events` goes by another name from here on.
    private mutating func noteTableName(_ folded: String, aliasAt index: Int) {
        let before = token(index - 1)
        let named = before?.isWord("as") == true ? token(index - 2) : before
        if named?.isName == true, named?.text.lowercased() == "events" { eventsNames = [folded] }
    }

    private mutating func visit(function index: Int, _ folded: String) {
        guard let (scope, _) = scopes.scope(openedBy: index + 1) else { return }
        functions.insert(folded)
        let name = tokens[index].text
        let count = scopes.argumentCount(of: scope, tokens)
        let isAggregate =
            SQLVocabulary.aggregateFunctions.contains(folded)
            && !(SQLVocabulary.aggregatesOfOneArgument.contains(folded) && count > 1)
        if isAggregate {
            let isInSubquery = scopes.selects(around: index).count > 1
            if !isInSubquery {
                fail(
                    index,
                    "the aggregate `\(name)` spans records",
                    remedy: "compute it upstream, or in a subquery over json_each(…)")
            }
        } else if ["random", "randomblob"].contains(folded) {
            fail(index, "`\(name)` gives another result when a record is replayed", remedy: "use values of the record")
        } else if SQLVocabulary.dateFunctions.contains(folded), count < (folded == "strftime" ? 2 : 1) {
            fail(
                index, "`\(name)` without a time reads the clock, which gives other results when a record is replayed",
                remedy: SQLVocabulary.clock.remedy)
        } else if SQLVocabulary.tableFunctions.contains(folded) {
            fail(index, "`\(name)` gives rows, not a value", remedy: "it belongs behind FROM or JOIN")
        } else if !SQLVocabulary.scalarFunctions.contains(folded) {
            let near = SQLVocabulary.nearFunction(to: folded).map { "did you mean `\($0)`?" }
            fail(index, "the function `\(name)` is not available", remedy: near ?? SQLVocabulary.available)
        }
    }

    /// A literal by which a date function reads the clock or the machine's time zone.
    private mutating func checkClockText(_ index: Int) {
        guard ["now", "localtime", "utc"].contains(tokens[index].text.lowercased()) else { return }
        let call = scopes.innermost(around: index) { kind in
            if case .call(let name) = kind { SQLVocabulary.dateFunctions.contains(name) } else { false }
        }
        guard call != nil else { return }
        let isClock = tokens[index].text.lowercased() == "now"
        if isClock {
            fail(index, "'now': \(SQLVocabulary.clock.message)", remedy: SQLVocabulary.clock.remedy)
        } else {
            fail(index, "'\(tokens[index].text)' depends on the machine's time zone", remedy: "times are UTC")
        }
    }

    private mutating func checkTables() {
        for (select, state) in selects {
            let place = select == 0 ? 0 : scopes.scopes[select].open + 1
            if select == 0, !state.readsEvents, errors.isEmpty {
                fail(place, "the SQL does not read `events`", remedy: SQLVocabulary.expected)
            } else if select != 0, state.tableFunctions == 0, !state.readsEvents {
                fail(
                    place, "the subquery reads no array",
                    remedy: "expected is json_each(…) or json_tree(…) of the record's own")
            }
        }
    }

    // MARK: Members

    private mutating func resolve() {
        var spellings: [String: String] = [:]
        let readByResult = Set(references.filter(\.isInResult).map { tokens[$0.token].text.lowercased() })
        for reference in references {
            let name = tokens[reference.token].text
            let folded = name.lowercased()
            if let qualifier = reference.qualifier {
                guard eventsNames.contains(qualifier) else { continue }
            } else {
                let seesTableFunction = scopes.selects(around: reference.token).contains {
                    (selects[$0]?.tableFunctions ?? 0) > 0
                }
                if seesTableFunction, let isBare = SQLVocabulary.tableFunctionColumns[folded] {
                    if !isBare {
                        fail(
                            reference.token,
                            "`\(name)` may be the record's or json_each's",
                            remedy: "write `\(eventsName).\(name)` or put the name of json_each before it"
                        )
                    }
                    continue
                }
                if !reference.isInResult, resultNames.contains(folded), !readByResult.contains(folded) {
                    fail(
                        reference.token,
                        "`\(name)` names a column of the result, and here a member of the record",
                        remedy: "repeat its expression, or write `\(eventsName).\(name)` if the member is meant"
                    )
                    continue
                }
            }
            if let spelling = spellings[folded] {
                if spelling != name {
                    fail(
                        reference.token,
                        "`\(name)` and `\(spelling)` differ in case only, which SQL does not tell apart and JSON does",
                        remedy: "write one of them"
                    )
                }
            } else {
                spellings[folded] = name
                members.append(name)
            }
        }
    }

    private var eventsName: String { eventsNames.first ?? "events" }
}
