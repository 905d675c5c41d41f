/// What became of a record: one of these, exactly once per sink.
public enum RecordOutcome: String, Sendable, CaseIterable {
    /// The SQL made no row of it.
    case filtered
    /// It could not be read, or one of its rows broke a rule; it is a dead letter.
    case refused
    /// It made rows, which end in a `RowOutcome` each.
    case rows
}

/// What became of a row: one of these, exactly once per sink. All but `deadLettered` are successes.
public enum RowOutcome: String, Sendable, CaseIterable {
    /// It was newer than what the sink held, and is there now.
    case applied
    /// The sink holds a newer one.
    case stale
    /// The sink holds this very version: a replay.
    case duplicate
    /// A newer row of its entity took its place while it waited, and has been settled.
    case superseded
    /// Its retention had passed before it could be written.
    case expired
    /// The sink refused it; it is a dead letter.
    case deadLettered = "dead_lettered"
}

/// What a sink says of one row that it was given.
public enum SinkVerdict: Sendable, Hashable {
    case applied
    case stale
    case duplicate
    case expired
    /// The sink cannot take this row, now or ever; the reason names no value.
    case refused(String)
}
