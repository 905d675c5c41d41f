internal import SluiceSQLite

/// A connection on which a feature's SQL can do nothing but compute: `events` is all that it can read.
struct Sandbox {
    let connection: Connection
    let table: BatchTable
    let budget: StepBudget
    private let record: AuthorizerRecord

    /// What statements read of `events` since the sandbox was made.
    var columnsRead: Set<String> { record.columnsRead }
    /// The first thing that was refused.
    var refusal: String? { record.refusal }
    /// How the program of a statement writes that it opens `events`.
    let tableMark: String

    init(members: [String], functionsUsed: Set<String>) throws(SQLiteError) {
        connection = try Connection(path: ":memory:", options: ConnectionOptions(synchronous: .off))
        // An index made on the fly would be one more scan of `events`.
        try connection.execute("PRAGMA automatic_index = OFF")
        for (limit, value) in Self.limits { connection.limit(limit, to: value) }
        try FunctionGuards.install(on: connection, for: functionsUsed)
        table = try connection.addTable(named: "events", columns: members)
        // SQLite asks for rights of its own to set tables up, so that is done before the door closes.
        for function in SQLVocabulary.tableFunctions where functionsUsed.contains(function) {
            _ = try connection.prepare("SELECT 1 FROM \(function)('[]')")
        }
        let program = try SQLProgram("SELECT 1 FROM events", on: connection)
        tableMark = program.first("VOpen")!.fourth
        let budget = StepBudget()
        self.budget = budget
        table.onRow = { budget.begin() }
        connection.watch(every: StepBudget.interval) { budget.mayGoOn() }
        let record = AuthorizerRecord()
        self.record = record
        try connection.authorize { record.allows($0) }
    }

    /// One value holds a record's worth of text. The rest is far beyond what a page of SQL needs, and keeps a hostile
    /// one from taking the compiler's time and memory.
    private static let limits: [(ConnectionLimit, Int)] = [
        (.valueLength, 1 << 20), (.sqlLength, 1 << 16), (.columns, 500), (.expressionDepth, 100),
        (.operations, 25_000), (.functionArguments, 100), (.attachedDatabases, 0), (.patternLength, 100),
        (.parameters, 0),
    ]
}

/// What SQLite's authorizer was asked, and the answer: by default, no.
private final class AuthorizerRecord {
    var columnsRead: Set<String> = []
    var refusal: String?

    func allows(_ action: SQLAction) -> Bool {
        switch action {
        case .select: return true
        case .read("events", "ROWID"): return refuse("the row number of `events`")
        case .read("events", let column):
            if !column.isEmpty { columnsRead.insert(column) }
            return true
        case .read(let table, _):
            return SQLVocabulary.tableFunctions.contains(table) || refuse("the table `\(table)`")
        case .function(let name):
            let folded = name.lowercased()
            return SQLVocabulary.scalarFunctions.contains(folded) || SQLVocabulary.aggregateFunctions.contains(folded)
                || SQLVocabulary.operatorFunctions.contains(name) || refuse("the function `\(name)`")
        case .other: return refuse("anything but reading `events`")
        }
    }

    private func refuse(_ what: String) -> Bool {
        if refusal == nil { refusal = what }
        return false
    }
}
