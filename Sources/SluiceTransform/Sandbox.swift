internal import Glibc
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
        try Self.guardFunctions(functionsUsed, on: connection)
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

    /// Most products of the lengths of two texts that a function may walk over in one call.
    private static let work = 1 << 26

    private static func guardFunctions(_ used: Set<String>, on connection: Connection) throws(SQLiteError) {
        for name in SQLVocabulary.dateFunctions where used.contains(name) {
            let time = name == "strftime" ? 1 : 0
            try connection.guardFunction(name) { arguments in
                guard arguments.count > time else { return "\(name) without a time reads the clock" }
                if isText(arguments.text(time), "now") { return "'now' came to \(name), which reads the clock then" }
                for place in time + 1..<max(arguments.count, time + 1) {
                    for zone in ["localtime", "utc"] where isText(arguments.text(place), zone) {
                        return "'\(zone)' came to \(name), and depends on the machine's time zone"
                    }
                }
                return nil
            }
        }
        // Their time is the product of two lengths, and they are one operation, within which nothing can stop them.
        for name in ["trim", "ltrim", "rtrim", "instr"] where used.contains(name) {
            try connection.guardFunction(name, argumentCount: 2, objection: product(name))
        }
        if used.contains("replace") {
            try connection.guardFunction("replace", argumentCount: 3, objection: product("replace"))
        }
    }

    private static func product(_ name: String) -> (SQLArguments) -> String? {
        { arguments in
            let lengths = (arguments.text(0).count, arguments.text(1).count)
            guard lengths.0 * lengths.1 > work else { return nil }
            return "\(name) of texts of \(lengths.0) and \(lengths.1) bytes takes too long"
        }
    }

    /// Compares as SQLite's date functions do: without case, and up to a NUL.
    private static func isText(_ text: UnsafeBufferPointer<UInt8>, _ word: String) -> Bool {
        let text = text.prefix { $0 != 0 }
        return text.count == word.utf8.count && zip(text, word.utf8).allSatisfy { $0 | 0x20 == $1 }
    }
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

/// What the evaluation of one record may take: steps of SQLite's machine, bytes read of the record, and, as a last
/// resort, processor time, which unlike the others may differ from run to run.
final class StepBudget {
    /// Steps between two looks at the budget.
    static let interval = 1000
    static let steps = 4_000_000
    static let bytes = 64 << 20
    static let processorTime = Duration.milliseconds(200)

    private var intervals = 0
    private var bytesRead = 0
    private var started: Duration?

    /// A record begins.
    func begin() {
        intervals = 0
        bytesRead = 0
        started = nil
    }

    /// Takes note of text that is read; `false` when it is too much.
    func read(_ bytes: Int) -> Bool {
        bytesRead += bytes
        return bytesRead <= Self.bytes
    }

    /// Another interval has passed.
    func mayGoOn() -> Bool {
        intervals += 1
        let now = processorTimeOfThread()
        // Most records end within one interval, and do not pay for the clock at their beginning.
        guard let started else {
            started = now
            return true
        }
        return intervals * Self.interval <= Self.steps && now - started < Self.processorTime
    }

    private func processorTimeOfThread() -> Duration {
        var time = timespec()
        let result = clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        precondition(result == 0, "Linux has a clock per thread")
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
