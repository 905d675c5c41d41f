public import SluiceCore

/// Why one record of a batch cannot be taken.
public struct RecordRefusal: Sendable, Hashable {
    /// The record's index in its batch.
    public let record: Int
    public let reason: RefusalReason
    /// What was found and what is expected, without the value.
    public let detail: String

    public init(record: Int, reason: RefusalReason, detail: String) {
        self.record = record
        self.reason = reason
        self.detail = detail
    }
}
