internal import SluiceCore

/// The keys of a sink file.
enum SinkForm {
    static let form = Form(
        "sink",
        .kind([Kind("redis", redis), Kind("mongo", mongo), Kind("file", file)], "What the sink is."),
        .optional("rate", .rate, "Rows per second for the whole fleet; 0/s pauses, and without it there is no limit."),
        .section("bootstrap", bootstrap, "What bootstrap rows may have of the rate."),
        .optional("schedule", .mapping(schedule), "Rates by local time; outside all windows `rate` holds."),
        .section("batch", batch, "How rows are put together for one write.")
    ) { mapping, kind, rate, bootstrap, schedule, batch in
        if let maxRate = bootstrap.maxRate, let rate, rate.rowsPerSecond > 0 {
            let highest = (schedule?.windows.map(\.rate) ?? []).reduce(rate, max)
            if maxRate > highest, let node = mapping["bootstrap"]?["max_rate"] {
                mapping.context.report(
                    .warning, at: node.mark, "`max_rate` \(maxRate) lies above the sink's highest rate, \(highest)",
                    "it has no effect: lower it, or leave it out")
            }
        }
        return SinkPlan(
            name: mapping.context.unitName, kind: kind, rate: rate, bootstrapMaxRate: bootstrap.maxRate,
            bootstrapMinShare: bootstrap.minShare, schedule: schedule, batch: batch,
            place: mapping.context.place(mapping.mark))
    }

    private static let redis = Form(
        "sink",
        .required("url", .redisURL, "The Redis server."),
        .defaulted("durability", .redisDurability, "memory", "When a write counts as done.")
    ) { _, address, durability in SinkKind.redis(address: address, durability: durability) }

    private enum MongoDurability: String, CaseIterable {
        case majority
    }

    private static let mongo: Form<SinkKind> = Form(
        "sink",
        .required("url", .mongoURL, "The MongoDB deployment, with its database."),
        .defaulted(
            "durability", ValueType<MongoDurability>.choice(), "majority",
            "When a write counts as done: always by majority, and journalled.")
    ) { _, address, _ in
        SinkKind.mongo(uri: address.uri, database: address.database, display: address.display)
    }

    private static let file = Form(
        "sink",
        .required("path", .path("a folder"), "Folder in which the files are kept."),
        .defaulted("compression", ValueType<FileCompression>.choice(), "none", "How files are compressed.")
    ) { _, path, compression in SinkKind.file(path: path, compression: compression) }

    private static let bootstrap = Form(
        "bootstrap section",
        .optional("max_rate", .rate, "Bootstrap rows per second, at most."),
        .defaulted("min_share", .share, "5%", "The share of the rate that bootstrap gets at least.")
    ) { _, maxRate, minShare in (maxRate: maxRate, minShare: minShare) }

    private static let batch = Form(
        "batch section",
        .defaulted(
            "rows", .integer(1...1000), "256", "Rows in one write, at most (and at most 20 ms' worth of the rate)."),
        .defaulted("wait", .duration("0s", "10s"), "5ms", "How long a row waits for company.")
    ) { _, rows, wait in BatchPlan(rows: rows, wait: wait) }

    private static let schedule = Form(
        "schedule",
        .required("zone", .timeZone, "The IANA time zone of the windows."),
        .required("windows", .windows, "Spans of local time; the first that holds the instant wins.")
    ) { _, zone, windows in SchedulePlan(zone: zone, windows: windows) }

    fileprivate static let window = Form(
        "window",
        .required("name", .name(dashes: true), "Names the window in status and metrics."),
        .defaulted(
            "days", .list(of: ValueType<Weekday>.choice(), atMost: 7), "[mon, tue, wed, thu, fri, sat, sun]",
            "The days on which the window starts."),
        .required("from", .minuteOfDay, "The first minute of the window."),
        .required("to", .minuteOfDay, "The minute that is no longer in it; 24:00 is the end of the day."),
        .required("rate", .rate, "Rows per second within the window.")
    ) { mapping, name, days, from, to, rate -> WindowPlan? in
        guard from < 1440 else {
            mapping.report(at: "from", "a window cannot start at 24:00", "expected 00:00 to 23:59")
            return nil
        }
        guard from != to else {
            mapping.report(
                at: "to", "`from` and `to` are the same minute",
                "expected a window of some length; a whole day is from \"00:00\" to \"24:00\"")
            return nil
        }
        let week = Weekday.allCases.filter(days.contains)
        return WindowPlan(name: name, days: week, fromMinute: from, toMinute: to, rate: rate)
    }
}

extension ValueType where Value == RedisDurability {
    private enum Word: String, CaseIterable {
        case memory
    }

    private static let replicated = Form(
        "durability",
        .required("replicated", .integer(1...100), "How many replicas must have acknowledged a write.")
    ) { _, replicas in RedisDurability.replicated(replicas) }

    fileprivate static let redisDurability = {
        let word = ValueType<Word>.choice()
        let count = ValueType.mapping(replicated)
        return ValueType(.either(word.description, count.description)) { node, context in
            if case .mapping = node.content { return count.read(node, context) }
            if case .scalar(let scalar) = node.content, scalar.text == Word.memory.rawValue { return .memory }
            context.reportWrongType(node, "expected `memory` or {replicated: N}")
            return nil
        }
    }()
}

extension ValueType where Value == [WindowPlan] {
    fileprivate static let windows = ValueType<[WindowPlan]>.list(of: .mapping(SinkForm.window), atMost: 100)
        .checked { windows, node, context in
            guard case .sequence(let nodes) = node.content else { return true }
            var names: Set<String> = []
            var isGood = true
            for (window, node) in zip(windows, nodes) where !names.insert(window.name).inserted {
                context.report(
                    at: node["name"]?.mark ?? node.mark, "another window is named \(quoted(window.name))",
                    "expected each name once")
                isGood = false
            }
            return isGood
        }
}

extension ValueType where Value == Int {
    /// A time of day as minutes since midnight, up to 24:00.
    fileprivate static let minuteOfDay = scalar("a time of day, such as \"22:00\"") { text throws(ValueError) in
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let isForm = parts.count == 2 && parts.allSatisfy { $0.count == 2 && $0.allSatisfy(isDigit) }
        guard isForm, let hour = Int(String(parts[0]) ?? ""), let minute = Int(String(parts[1]) ?? ""), minute < 60,
            hour * 60 + minute <= 1440
        else {
            throw ValueError(
                found: "\(quoted(text)) is no time of day", expected: "expected HH:MM, from 00:00 to 24:00")
        }
        return hour * 60 + minute
    }
}

extension ValueType where Value == String {
    /// A zone that the system has rules for.
    fileprivate static let timeZone = scalar("an IANA time zone, such as Europe/Berlin") { text throws(ValueError) in
        guard !TimeZoneFiles.contains(text) else { return text }
        let names = TimeZoneFiles.names()
        guard names.count > 1 else {
            throw ValueError(
                found: "this system has no time zones in \(TimeZoneFiles.folder)", expected: "install tzdata")
        }
        throw ValueError(
            found: "\(quoted(text)) is no time zone of this system",
            expected: NearName.of(text, among: names).map { "did you mean `\($0)`?" }
                ?? "expected a name of the IANA database, such as Europe/Berlin")
    }
}
