internal import SluiceCore
internal import SluiceTransform

extension TransformedBatch {
    /// What is counted of the batch when it is admitted.
    var counts: LaneTotals {
        var counts = LaneTotals()
        counts.controls = controls.count
        counts.records = dataRecords
        counts.filtered = filtered
        counts.refused = refusals.count
        counts.rows = rows.count
        return counts
    }
}
