internal import SluiceCore

/// The keys of a feature file.
enum FeatureForm {
    static let form = Form(
        "feature",
        name, version,
        .required("owner", .line("who answers for the feature", atMost: 200), "Who answers for the feature."),
        .required(
            "entity", .list(of: .column, orOne: true, atMost: 16),
            "The column, or columns, that name what a row is about."),
        .required("event_time", .column, "The column of the event time."),
        .defaulted(
            "event_time_unit", ValueType<EpochUnit>.choice(), "ms",
            "What an integer event time counts since 1970: seconds, milliseconds or microseconds."),
        .optional(
            "revision", .column,
            "The column, or member of the record that the SQL does not select, that numbers re-emissions of one event time."
        ),
        .optional(
            "delete_when", .column,
            "The column, or member of the record that the SQL does not select, whose truth makes a row a delete."),
        .optional(
            "retention", .duration("1s", "36500d"),
            "Rows expire this long after their event time; without it they stay."),
        .required("streams", .mapping(streams), "Where records come from; at least one."),
        .required("sql", .verbatim("one SELECT … FROM events"), "The SELECT that makes rows of a record."),
        .required("sinks", .list(of: .sinkName, atMost: 64), "The sinks that every row is written to."),
        .section("cutover", cutover, "When clients are moved to this version.")
    ) {
        mapping, name, version, owner, entity, eventTime, eventTimeUnit, revision, deleteWhen, retention, streams, sql,
        sinks, cutover in
        FeaturePlan(
            definition: FeatureDefinition(
                featureVersion: FeatureVersion(name, version), entity: entity, eventTime: eventTime,
                eventTimeUnit: eventTimeUnit, revision: revision, deleteWhen: deleteWhen, retention: retention,
                sql: sql),
            owner: owner, streams: streams, sinks: sinks, cutover: cutover,
            place: mapping.context.place(mapping.mark),
            origin: FeaturePlan.Origin(tree: mapping.node, source: mapping.context.source))
    }

    /// What a file says it defines, though the rest of it may be wrong.
    static let identity = Form("feature", name, version) { _, name, version in FeatureVersion(name, version) }

    private static let name = Field.required(
        "feature", .name(dashes: false), "The feature's name.")
    private static let version = Field.required(
        "version", .integer(1...999_999_999), "The version's number; it is never used again.")

    private static let streams = Form(
        "streams section",
        .optional("realtime", .mapping(stream), "The small, urgent stream."),
        .optional("bootstrap", .mapping(stream), "The stream that carries the first fill.")
    ) { mapping, realtime, bootstrap -> [Lane: StreamPlan]? in
        var streams: [Lane: StreamPlan] = [:]
        streams[.realtime] = realtime
        streams[.bootstrap] = bootstrap
        guard !streams.isEmpty else {
            mapping.context.report(at: mapping.mark, "there is no stream", "expected `realtime`, `bootstrap` or both")
            return nil
        }
        guard realtime == nil || realtime != bootstrap else {
            mapping.report(
                at: "bootstrap", "`realtime` and `bootstrap` are the same stream", "leave one of them out")
            return nil
        }
        return streams
    }

    private static let stream: Form<StreamPlan> = Form(
        "stream",
        .kind(
            [
                Kind(
                    "file",
                    Form(
                        "stream",
                        .required(
                            "path", .path("a file, a folder or a glob"), "A file, a folder or a glob; .gz is read too."),
                        .defaulted("format", ValueType<StreamFormat>.choice(), "ndjson", "What the files hold.")
                    ) { _, path, format in StreamPlan.file(path: path, format: format) }),
                Kind(
                    "redis",
                    Form(
                        "stream",
                        .required("url", .redisURL, "The Redis server."),
                        .required("stream", .redisStream, "The key of the Redis Stream.")
                    ) { _, address, stream in StreamPlan.redis(address: address, stream: stream) }),
            ], "What the stream is.")
    ) { _, plan in plan }

    private static let cutover = Form(
        "cutover section",
        .defaulted(
            "mode", ValueType<CutoverPlan.Mode>.choice(), "auto",
            "Whether a version that passes every gate goes live by itself."),
        .defaulted("max_lag", .duration("1ms", "365d"), "60s", "The greatest age of an unsettled realtime record."),
        .defaulted("settle", .duration("0s", "365d"), "3m", "How long the lag must have held."),
        .defaulted("min_coverage", .share, "95%", "The share of the current version's entities that must be there."),
        .defaulted("keep_backup", .duration("0s", "3650d"), "24h", "How long the old version is kept after the flip.")
    ) { _, mode, maxLag, settle, minCoverage, keepBackup in
        CutoverPlan(mode: mode, maxLag: maxLag, settle: settle, minCoverage: minCoverage, keepBackup: keepBackup)
    }
}
