/// Which parentheses, and so which SELECT, each token of a statement stands in.
struct SQLScopes {
    enum Kind: Hashable {
        /// The statement itself.
        case root
        /// `(SELECT …)`
        case subquery
        /// The arguments of a function, whose folded name it is.
        case call(String)
        /// `CAST(… AS …)`
        case cast
        case plain
    }

    struct Scope {
        let kind: Kind
        /// The scope around it; the root is its own.
        let parent: Int
        /// The token of the parenthesis that opens it; -1 for the root.
        let open: Int
        /// The token of the parenthesis that closes it; the count of tokens for the root.
        var close: Int
    }

    private(set) var scopes: [Scope]
    /// By token; a parenthesis belongs to the scope around it.
    private(set) var scopeOfToken: [Int]
    /// By scope: the SELECT that it belongs to, as a scope of kind root or subquery.
    private(set) var selectOfScope: [Int]

    /// Fails where parentheses do not match.
    init(_ tokens: [SQLToken]) throws(TransformErrors) {
        scopes = [Scope(kind: .root, parent: 0, open: -1, close: tokens.count)]
        scopeOfToken = []
        selectOfScope = [0]
        var current = 0
        for (index, token) in tokens.enumerated() {
            if token.isSign(")") {
                guard current != 0 else {
                    throw TransformErrors([
                        TransformError(
                            "`)` closes nothing", remedy: "leave it out, or open it with `(`", sqlOffset: token.offset)
                    ])
                }
                scopes[current].close = index
                current = scopes[current].parent
            }
            scopeOfToken.append(current)
            if token.isSign("(") {
                let kind = Self.kind(opening: index, tokens)
                scopes.append(Scope(kind: kind, parent: current, open: index, close: tokens.count))
                selectOfScope.append(kind == .subquery ? scopes.count - 1 : selectOfScope[current])
                current = scopes.count - 1
            }
        }
        if current != 0 {
            throw TransformErrors([
                TransformError(
                    "`(` is never closed", remedy: "close it with `)`", sqlOffset: tokens[scopes[current].open].offset)
            ])
        }
    }

    private static func kind(opening index: Int, _ tokens: [SQLToken]) -> Kind {
        if index + 1 < tokens.count, tokens[index + 1].isWord("select") { return .subquery }
        guard index > 0, tokens[index - 1].isName else { return .plain }
        let before = tokens[index - 1]
        if before.isWord("cast") { return .cast }
        if before.kind == .word, SQLVocabulary.reserved.contains(before.folded) { return .plain }
        return .call(before.text.lowercased())
    }

    /// The innermost scope of that kind around a token, itself included.
    func innermost(around token: Int, where isWanted: (Kind) -> Bool) -> Scope? {
        var scope = scopeOfToken[token]
        while !isWanted(scopes[scope].kind) {
            if scope == 0 { return nil }
            scope = scopes[scope].parent
        }
        return scopes[scope]
    }

    /// The SELECTs around a token, from the innermost to the root.
    func selects(around token: Int) -> [Int] {
        var selects = [selectOfScope[scopeOfToken[token]]]
        while let last = selects.last, last != 0 { selects.append(selectOfScope[scopes[last].parent]) }
        return selects
    }

    /// The scope that a parenthesis opens.
    func scope(openedBy token: Int) -> (index: Int, scope: Scope)? {
        scopes.firstIndex { $0.open == token }.map { ($0, scopes[$0]) }
    }

    /// How many arguments stand in a call.
    func argumentCount(of scope: Int, _ tokens: [SQLToken]) -> Int {
        let (open, close) = (scopes[scope].open, scopes[scope].close)
        if close == open + 1 { return 0 }
        return 1 + (open + 1..<close).count { scopeOfToken[$0] == scope && tokens[$0].isSign(",") }
    }
}
