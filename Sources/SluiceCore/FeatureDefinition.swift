/// What a feature's owner declared about one version, checked: all that turns a record into rows.
public struct FeatureDefinition: Sendable, Hashable {
    public var featureVersion: FeatureVersion
    /// Columns of the SQL's result that name the entity, at least one.
    public var entity: [String]
    /// The column of the SQL's result that holds the event time, and what it counts where it is an integer.
    public var eventTime: String
    public var eventTimeUnit: EpochUnit
    /// Where the re-emission number of one event time stands: a column of the SQL's result or, where the SQL does not
    /// select it, a top-level member of the record. NULL, or no such member, is revision 0.
    public var revision: String?
    /// What makes a row a tombstone where it is true: a column of the SQL's result or, where the SQL does not select it,
    /// a top-level member of the record, which is then not written to the sinks. NULL, or no such member, is false.
    public var deleteWhen: String?
    /// Rows expire at event time + retention; `nil` = kept.
    public var retention: Duration?
    public var sql: String

    public init(
        featureVersion: FeatureVersion, entity: [String], eventTime: String, eventTimeUnit: EpochUnit = .milliseconds,
        revision: String? = nil, deleteWhen: String? = nil, retention: Duration? = nil, sql: String
    ) {
        self.featureVersion = featureVersion
        self.entity = entity
        self.eventTime = eventTime
        self.eventTimeUnit = eventTimeUnit
        self.revision = revision
        self.deleteWhen = deleteWhen
        self.retention = retention
        self.sql = sql
    }
}
