internal import CSQLite

/// The rows of a `BatchTable`, in Swift's memory.
public protocol TableContent: AnyObject {
    var rowCount: Int { get }
    /// A value, whose bytes stay where they are while the content is set; `nil` ends the statement as `interrupted`.
    func cell(row: Int, column: Int) -> SQLiteCell?
}

/// A table that statements of one connection can read, and whose rows are exchanged between runs.
///
/// A scan gives the rows in order, so while a statement steps, `currentRow` names the row that its result was made of,
/// provided that the table is scanned once (the outermost loop of a join). A second scan within one run fails.
public final class BatchTable {
    /// What the next run scans; set it back to `nil` before the memory goes.
    ///
    /// It is read for each value, and set only between runs: a check of exclusive access at each reading has nothing to
    /// find, and would take one instruction in twenty of a whole transform.
    @exclusivity(unchecked)
    public var content: (any TableContent)?
    /// The row with which the next scan begins.
    public var firstRow = 0 {
        didSet {
            currentRow = nil
            isScanned = false
        }
    }
    /// The row that the scan stands on; `nil` before the first and behind the last.
    public fileprivate(set) var currentRow: Int?
    /// Called as the scan comes to a row.
    public var onRow: (() -> Void)?

    fileprivate let declaration: String
    fileprivate var isScanned = false

    fileprivate init(columns: [String]) {
        // SQLite wants one column at least, even where none is read.
        let names = columns.isEmpty ? [""] : columns
        let quoted = names.map {
            "\""
                + $0.split(separator: "\"", omittingEmptySubsequences: false)
                .joined(separator: "\"\"") + "\""
        }
        declaration = "CREATE TABLE x(\(quoted.joined(separator: ", ")))"
    }

    fileprivate func begin() -> Bool {
        if isScanned { return false }
        isScanned = true
        moveTo(firstRow)
        return true
    }

    fileprivate func moveTo(_ row: Int) {
        currentRow = row < (content?.rowCount ?? 0) ? row : nil
        if currentRow != nil { onRow?() }
    }
}

extension Connection {
    /// Adds a table that statements name like any other. Its columns have no type, so that values keep theirs.
    public func addTable(named name: String, columns: [String]) throws(SQLiteError) -> BatchTable {
        let table = BatchTable(columns: columns)
        retained.append(table)
        try check(
            sqlite3_create_module_v2(handle, name, &batchTableModule, Unmanaged.passUnretained(table).toOpaque(), nil))
        return table
    }
}

/// The methods by which SQLite reads a `BatchTable`. Without `xCreate` the table exists by its module alone.
///
/// SQLite keeps the address and only reads what is there; nothing writes it after its initialisation.
nonisolated(unsafe) private var batchTableModule: sqlite3_module = {
    var module = sqlite3_module()
    module.xConnect = { handle, context, _, _, result, _ in
        let table = Unmanaged<BatchTable>.fromOpaque(context!).takeUnretainedValue()
        let declared = sqlite3_declare_vtab(handle, table.declaration)
        guard declared == SQLITE_OK else { return declared }
        let connected = UnsafeMutablePointer<sluice_sqlite_table>.allocate(capacity: 1)
        connected.initialize(to: sluice_sqlite_table(base: sqlite3_vtab(), table: context))
        result!.pointee = UnsafeMutableRawPointer(connected).assumingMemoryBound(to: sqlite3_vtab.self)
        return SQLITE_OK
    }
    module.xDisconnect = { table in
        UnsafeMutableRawPointer(table!).assumingMemoryBound(to: sluice_sqlite_table.self).deallocate()
        return SQLITE_OK
    }
    module.xBestIndex = { _, plan in
        // Always one scan of some hundred rows; what is asked of columns SQLite checks by itself.
        plan!.pointee.estimatedCost = 256
        plan!.pointee.estimatedRows = 256
        return SQLITE_OK
    }
    module.xOpen = { _, result in
        let cursor = UnsafeMutablePointer<sluice_sqlite_cursor>.allocate(capacity: 1)
        cursor.initialize(to: sluice_sqlite_cursor())
        result!.pointee = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
        return SQLITE_OK
    }
    module.xClose = { cursor in
        UnsafeMutableRawPointer(cursor!).assumingMemoryBound(to: sluice_sqlite_cursor.self).deallocate()
        return SQLITE_OK
    }
    module.xFilter = { cursor, _, _, _, _ in
        let table = table(of: cursor!)
        guard table.begin() else {
            cursor!.pointee.pVtab.pointee.zErrMsg = scannedTwice()
            return SQLITE_ERROR
        }
        row(of: cursor!).pointee = table.firstRow
        return SQLITE_OK
    }
    module.xNext = { cursor in
        let row = row(of: cursor!)
        row.pointee += 1
        table(of: cursor!).moveTo(row.pointee)
        return SQLITE_OK
    }
    module.xEof = { cursor in table(of: cursor!).currentRow == nil ? 1 : 0 }
    module.xColumn = { cursor, context, column in
        let table = table(of: cursor!)
        switch table.content!.cell(row: row(of: cursor!).pointee, column: Int(column)) {
        case nil: return SQLITE_INTERRUPT
        case .null: sqlite3_result_null(context)
        case .integer(let number): sqlite3_result_int64(context, number)
        case .real(let number): sqlite3_result_double(context, number)
        case .text(let text):
            // Without a destructor SQLite takes no copy: the content outlives the run.
            sqlite3_result_text64(
                context, UnsafeRawPointer(text.baseAddress)?.assumingMemoryBound(to: CChar.self), UInt64(text.count),
                nil, UInt8(SQLITE_UTF8))
        case .blob(let bytes): sqlite3_result_blob64(context, bytes.baseAddress, UInt64(bytes.count), nil)
        }
        return SQLITE_OK
    }
    module.xRowid = { cursor, result in
        result!.pointee = Int64(row(of: cursor!).pointee)
        return SQLITE_OK
    }
    return module
}()

private func table(of cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>) -> BatchTable {
    let connected = UnsafeMutableRawPointer(cursor.pointee.pVtab).assumingMemoryBound(to: sluice_sqlite_table.self)
    return Unmanaged<BatchTable>.fromOpaque(connected.pointee.table).takeUnretainedValue()
}

private func row(of cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>) -> UnsafeMutablePointer<Int> {
    let own = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: sluice_sqlite_cursor.self)
    return UnsafeMutableRawPointer(own).advanced(by: MemoryLayout<sluice_sqlite_cursor>.offset(of: \.row)!)
        .assumingMemoryBound(to: Int.self)
}

/// A message in memory that SQLite frees; `nil` where there is none left, and then it has words of its own.
private func scannedTwice() -> UnsafeMutablePointer<CChar>? {
    let message = "the table is scanned twice"
    let copy = sqlite3_malloc(Int32(message.utf8.count + 1))?.assumingMemoryBound(to: CChar.self)
    guard let copy else { return nil }
    for (place, byte) in message.utf8.enumerated() { copy[place] = CChar(byte) }
    copy[message.utf8.count] = 0
    return copy
}
