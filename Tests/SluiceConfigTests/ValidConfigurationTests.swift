import SluiceConfig
import SluiceCore
import Testing

/// What the valid cases of `Golden` become: every key, and every default.
@Suite struct ValidConfigurationTests {
    private func feature(_ name: String, of configuration: Configuration, _ version: Int) throws -> FeaturePlan {
        try #require(configuration.features.first { $0.definition.featureVersion == FeatureVersion(name, version) })
    }

    @Test func `the documented service reads as documented`() throws {
        let service = try #require(Golden.load("valid-documented").service)
        let folder = "\(Golden.folder)/valid-documented"
        #expect(
            service
                == ServicePlan(
                    deployment: "city-features", coordination: .file(path: "\(folder)/.sluice"),
                    admin: AdminPlan(host: "127.0.0.1", port: 7070, token: Secret("an-admin-token")),
                    deadLetters: DeadLettersPlan(store: .file(path: "\(folder)/.sluice/dead-letters"), maxShare: 0.05),
                    drainTimeout: .seconds(20), maxFutureSkew: .seconds(300)))
    }

    @Test func `the documented sinks read as documented`() throws {
        let configuration = Golden.load("valid-documented")
        let folder = "\(Golden.folder)/valid-documented"
        let online = try #require(configuration.sinks["online"])
        let address = RedisAddress(.tcp(host: "127.0.0.1", port: 6379))
        let night = WindowPlan(
            name: "night", days: [.monday, .tuesday, .wednesday, .thursday, .friday], fromMinute: 22 * 60,
            toMinute: 6 * 60, rate: Rate(rowsPerSecond: 2000))
        #expect(
            online
                == SinkPlan(
                    name: "online", kind: .redis(address: address, durability: .memory),
                    rate: Rate(rowsPerSecond: 20_000), bootstrapMaxRate: Rate(rowsPerSecond: 10_000),
                    bootstrapMinShare: 0.05, schedule: SchedulePlan(zone: "America/Los_Angeles", windows: [night]),
                    batch: BatchPlan(rows: 256, wait: .milliseconds(5)),
                    place: Place(file: "\(folder)/sinks/online.yaml", line: 2, column: 1)))
        let uri = "mongodb://127.0.0.1:27017/profiles"
        #expect(configuration.sinks["profiles"]?.kind == .mongo(uri: Secret(uri), database: "profiles", display: uri))
        #expect(configuration.sinks["lake"]?.kind == .file(path: "\(folder)/lake", compression: .none))
    }

    @Test func `the documented feature reads as documented, and its test file is no feature`() throws {
        let configuration = Golden.load("valid-documented")
        let feature = try #require(configuration.features.first)
        #expect(configuration.features.count == 1)
        #expect(
            feature.definition
                == FeatureDefinition(
                    featureVersion: FeatureVersion("rider_activity", 2), entity: ["rider_id"],
                    eventTime: "occurred_at", eventTimeUnit: .milliseconds, revision: "pane",
                    deleteWhen: "is_deleted", retention: .seconds(30 * 86_400),
                    sql: """
                        SELECT rider_id, occurred_at, pane, is_deleted, rides_30d, lower(city) AS city
                        FROM events
                        WHERE status <> 'test'

                        """))
        #expect(feature.owner == "pricing-ml")
        #expect(feature.sinks == ["online", "profiles", "lake"])
        let realtime = StreamPlan.redis(
            address: RedisAddress(.tcp(host: "127.0.0.1", port: 6379)), stream: "rider-activity")
        let bootstrap = StreamPlan.file(path: "/data/bootstrap/rider_activity", format: .ndjson)
        #expect(feature.streams == [.realtime: realtime, .bootstrap: bootstrap])
        #expect(
            feature.cutover
                == CutoverPlan(
                    mode: .auto, maxLag: .seconds(60), settle: .seconds(180), minCoverage: 0.95,
                    keepBackup: .seconds(86_400)))
        #expect(feature.place.line == 2)
    }

    @Test func `what is left out has the documented default`() throws {
        let (given, left) = (Golden.load("valid-documented"), Golden.load("valid-defaults"))
        let service = try #require(left.service)
        #expect(service.admin == AdminPlan(host: "127.0.0.1", port: 7070, token: nil))
        #expect(
            service.deadLetters.store == .file(path: "\(Golden.folder)/valid-defaults/.sluice/dead-letters"))
        #expect(service.deadLetters.maxShare == given.service?.deadLetters.maxShare)
        #expect(service.drainTimeout == given.service?.drainTimeout)
        #expect(service.maxFutureSkew == given.service?.maxFutureSkew)

        let sink = try #require(left.sinks["online"])
        #expect(sink.kind == given.sinks["online"]?.kind)
        #expect(sink.batch == given.sinks["online"]?.batch)
        #expect(sink.bootstrapMinShare == given.sinks["online"]?.bootstrapMinShare)
        #expect(sink.bootstrapMaxRate == nil)
        #expect(sink.schedule == nil)
        #expect(given.sinks["lake"]?.rate == nil)

        let feature = try feature("rides", of: left, 1)
        #expect(feature.cutover == given.features.first?.cutover)
        #expect(feature.definition.eventTimeUnit == .milliseconds)
        #expect(feature.definition.retention == nil)
        #expect(feature.definition.revision == nil)
        #expect(feature.definition.deleteWhen == nil)
        #expect(feature.streams.count == 1)
    }

    @Test func `every key of the service takes another value than its default`() throws {
        let service = try #require(Golden.load("valid-every-key").service)
        let fleet = RedisAddress(
            .tcp(host: "10.0.0.1", port: 6380), user: "fleet", password: Secret("p@ss/w:rd%"), database: 3)
        #expect(
            service
                == ServicePlan(
                    deployment: "golden_2", coordination: .redis(address: fleet, maxReplicas: 12),
                    admin: AdminPlan(host: "0.0.0.0", port: 7071, token: Secret("abc-DEF-123")),
                    deadLetters: DeadLettersPlan(
                        store: .redis(
                            address: RedisAddress(.unixSocket(path: "/run/redis.sock"), database: 2),
                            stream: "dead-letters"), maxShare: 0.125),
                    drainTimeout: .seconds(90), maxFutureSkew: .zero))
    }

    @Test func `every key of a sink takes another value than its default`() throws {
        let sinks = Golden.load("valid-every-key").sinks
        let online = try #require(sinks["online"])
        let address = RedisAddress(.tcp(host: "cache", port: 6379), password: Secret("p@ss/w:rd%"), database: 1)
        #expect(online.kind == .redis(address: address, durability: .replicated(2)))
        #expect(online.rate == Rate(rowsPerSecond: 0.5))
        #expect(online.bootstrapMaxRate == Rate(rowsPerSecond: 0))
        #expect(online.bootstrapMinShare == 0)
        #expect(online.batch == BatchPlan(rows: 1000, wait: .zero))
        let weekend = WindowPlan(
            name: "weekend", days: [.saturday, .sunday], fromMinute: 0, toMinute: 1440, rate: Rate(rowsPerSecond: 0))
        let night = WindowPlan(
            name: "night", days: Weekday.allCases, fromMinute: 1320, toMinute: 390, rate: Rate(rowsPerSecond: 1e9))
        #expect(online.schedule == SchedulePlan(zone: "Europe/Berlin", windows: [weekend, night]))

        let uri = "mongodb://app:p%40ss%2Fw%3Ard%25@db-1:27017,db-2/features?replicaSet=rs0&w=majority"
        let mongo = SinkKind.mongo(
            uri: Secret(uri), database: "features", display: "mongodb://db-1:27017,db-2/features")
        #expect(sinks["profiles"]?.kind == mongo)
        #expect(sinks["lake"]?.kind == .file(path: "/srv/lake", compression: .gzip))
        #expect(sinks["lake"]?.rate == Rate(rowsPerSecond: 5000))
    }

    @Test func `every key of a feature takes another value than its default`() throws {
        let configuration = Golden.load("valid-every-key")
        let feature = try feature("a_2", of: configuration, 999_999_999)
        #expect(
            feature.definition
                == FeatureDefinition(
                    featureVersion: FeatureVersion("a_2", 999_999_999), entity: ["rider_id", "City"], eventTime: "ts",
                    eventTimeUnit: .microseconds, revision: "pane", deleteWhen: "gone",
                    retention: .seconds(36_500 * 86_400), sql: "SELECT rider_id, City, ts, pane, gone FROM events"))
        #expect(feature.owner == "Ada & Co")
        #expect(feature.sinks == ["lake", "online"])
        let data = "\(Golden.folder)/valid-every-key/config/features/data/*.csv.gz"
        #expect(feature.streams == [.bootstrap: .file(path: data, format: .csv)])
        #expect(
            feature.cutover
                == CutoverPlan(
                    mode: .manual, maxLag: .milliseconds(500), settle: .zero, minCoverage: 0,
                    keepBackup: .seconds(7 * 86_400)))
        #expect(configuration.features.map(\.definition.featureVersion.version) == [1, 999_999_999])
    }

    @Test func `YAML 1.1 does not make booleans or numbers of words and times`() throws {
        let feature = try feature("rides", of: Golden.load("valid-yaml-styles"), 1)
        #expect(feature.owner == "no")
        #expect(feature.definition.entity == ["yes"])
        #expect(feature.definition.eventTime == "y")
        #expect(feature.definition.sql == "SELECT a AS yes, b AS y\nFROM events")
    }

    @Test func `an invalid sink is absent, and features that name it stay valid`() throws {
        let configuration = Golden.load("sink-invalid-is-no-dangling-reference")
        #expect(configuration.sinks.isEmpty)
        #expect(configuration.features.map(\.sinks) == [["online"]])
    }

    @Test func `an invalid feature file still says which feature version it is about`() {
        let units = Golden.load("feature-twice").units.filter { !$0.isValid }
        #expect(units.map(\.featureVersion) == Array(repeating: FeatureVersion("rides", 1), count: 3))
        #expect(Golden.load("feature-twice").features.map(\.definition.featureVersion.version) == [2])
    }
}
