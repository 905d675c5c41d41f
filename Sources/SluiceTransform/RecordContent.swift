internal import SluiceCore
internal import SluiceRecords
internal import SluiceSQLite

/// The data records of a batch as the rows of `events`.
final class RecordContent: TableContent {
    private let records: DecodedRecords
    private let columns: [Int]
    private let budget: StepBudget

    /// - Parameter columns: by column of `events`, the decoder's.
    init(records: DecodedRecords, columns: [Int], budget: StepBudget) {
        self.records = records
        self.columns = columns
        self.budget = budget
    }

    var rowCount: Int { records.data.count }

    func cell(row: Int, column: Int) -> SQLiteCell? {
        switch records.cell(record: records.data[row], column: columns[column]) {
        case .null: .null
        case .integer(let number): .integer(number)
        case .real(let number): .real(number)
        case .text(let text): budget.read(text.count) ? .text(text) : nil
        }
    }
}
