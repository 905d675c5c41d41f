internal import SluiceCore

/// The words of SQLite's SQL that a feature may, and may not, use.
enum SQLVocabulary {
    /// Functions of one row's values. What is not here is refused: it reaches beyond the record, answers otherwise from
    /// run to run, or takes time that grows with the square of its argument.
    static let scalarFunctions: Set<String> = [
        "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "ceiling", "char", "coalesce", "cos",
        "cosh", "date", "datetime", "degrees", "exp", "floor", "format", "glob", "hex", "ifnull", "iif", "instr",
        "json",
        "json_array", "json_array_length", "json_extract", "json_insert", "json_object", "json_quote", "json_remove",
        "json_replace", "json_set", "json_type", "json_valid", "julianday", "length", "like", "ln", "log", "log10",
        "log2", "lower", "ltrim", "max", "min", "mod", "nullif", "pi", "pow", "power", "printf", "quote", "radians",
        "replace", "round", "rtrim", "sign", "sin", "sinh", "sqrt", "strftime", "substr", "substring", "tan", "tanh",
        "time", "trim", "trunc", "typeof", "unicode", "unixepoch", "upper",
    ]

    /// Functions of many rows, for subqueries over the record's own array.
    static let aggregateFunctions: Set<String> = [
        "avg", "count", "group_concat", "json_group_array", "json_group_object", "max", "min", "sum", "total",
    ]

    /// Of these, the ones that combine values of one row when given several.
    static let aggregatesOfOneArgument: Set<String> = ["max", "min"]

    /// They read the clock when told so, by a literal or by the data.
    static let dateFunctions: Set<String> = ["date", "datetime", "julianday", "strftime", "time", "unixepoch"]

    static let tableFunctions: Set<String> = ["json_each", "json_tree"]

    /// Operators that SQLite asks its authorizer about as if they were functions.
    static let operatorFunctions: Set<String> = ["->", "->>"]

    /// Columns of `json_each` and `json_tree`, and whether their bare names are taken for theirs. The others are too
    /// likely to be members of the record, so they must say whose they are.
    static let tableFunctionColumns: [String: Bool] = [
        "key": true, "value": true, "atom": true, "fullkey": true, "type": false,
        "id": false, "parent": false, "path": false, "json": false, "root": false,
    ]

    /// Keywords that are never names. (SQLite takes most of its other keywords for names where a name can stand.)
    static let reserved: Set<String> = [
        "add", "all", "alter", "and", "as", "asc", "attach", "autoincrement", "between", "by", "case", "cast", "check",
        "collate", "commit", "constraint", "create", "cross", "current_date", "current_time", "current_timestamp",
        "default", "deferrable", "delete", "desc", "detach", "distinct", "drop", "else", "escape", "except", "exists",
        "explain", "false", "filter", "foreign", "from", "full", "glob", "group", "having", "in", "index", "indexed",
        "inner", "insert", "intersect", "into", "is", "isnull", "join", "left", "like", "limit", "match", "natural",
        "not", "nothing", "notnull", "null", "offset", "on", "or", "order", "outer", "over", "pragma", "primary",
        "references", "regexp", "returning", "right", "select", "set", "table", "then", "to", "transaction", "true",
        "union", "unique", "update", "using", "vacuum", "values", "when", "where", "window", "with",
    ]

    /// Keywords that are refused wherever they stand: what is wrong with them, and what to do.
    static let refused: [String: (message: String, remedy: String)] = [
        "union": compound, "intersect": compound, "except": compound,
        "order": ("ORDER BY spans records", "rows of one record keep the order in which they arise"),
        "group": ("GROUP BY spans records", "group upstream, or aggregate in a subquery over json_each"),
        "having": ("HAVING spans records", "filter with WHERE"),
        "limit": ("LIMIT spans records", "filter with WHERE"),
        "offset": ("OFFSET spans records", "filter with WHERE"),
        "over": windows, "window": windows,
        "values": ("VALUES is no record", expected),
        "with": ("WITH is not supported", "write its expressions in the one SELECT"),
        "returning": ("RETURNING belongs to writes", expected),
        "using": ("USING is not supported", "`json_each(…)` joins by its argument"),
        "natural": ("NATURAL JOIN is not supported", "`json_each(…)` joins by its argument"),
        "right": ("RIGHT JOIN gives rows without a record", "use JOIN or LEFT JOIN"),
        "full": ("FULL JOIN gives rows without a record", "use JOIN or LEFT JOIN"),
        "current_date": clock, "current_time": clock, "current_timestamp": clock,
    ]

    private static let compound = ("compound selects are not supported", expected)
    private static let windows = ("window functions span records", "compute them upstream")
    static let clock = (
        message: "the clock gives other results when a record is replayed", remedy: "use a time of the record"
    )

    static let expected = "one SELECT … FROM events … is expected"
    static let available = "the members of `events` and SQLite's functions of one record's values are"

    /// The function that a misspelt name may mean.
    static func nearFunction(to name: String) -> String? {
        nearest(to: name, among: scalarFunctions.union(aggregateFunctions).sorted())
    }
}

/// The name that differs least from one that is unknown, if the difference is small: a third of its letters at most.
func nearest(to name: String, among names: [String]) -> String? {
    let wanted = Array(name.lowercased().utf8)
    let near = names.map { (name: $0, distance: editDistance(wanted, Array($0.lowercased().utf8))) }
        .min { $0.distance < $1.distance }
    guard let near, near.distance <= max(1, wanted.count / 3) else { return nil }
    return near.name
}
