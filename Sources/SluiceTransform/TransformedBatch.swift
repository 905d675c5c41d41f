public import SluiceCore
public import SluiceRecords

/// What one batch of records became: each record is refused, filtered, control, or has rows.
public struct TransformedBatch {
    public let rows: RowBatch
    /// In the order of the records, each at most once.
    public let refusals: [RecordRefusal]
    /// Data records that the SQL made no row of.
    public let filtered: Int
    /// In the order of the records.
    public let controls: [(record: Int, control: ControlRecord)]

    /// Records that are data, refused ones included: all but the control records.
    public var dataRecords: Int { rows.records.records.count - controls.count }
}
