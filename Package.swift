// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// A Swift module of Sluice, under the settings that all of them share.
func module(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

/// The tests of one module.
func tests(of name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, resources: resources,
        swiftSettings: swiftSettings)
}

let package = Package(
    name: "sluice",
    products: [.executable(name: "sluice", targets: ["sluice"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries: one module map each, imported by one Swift module each.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CMongoc", pkgConfig: "libmongoc-1.0", providers: [.apt(["libmongoc-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "CSimdjson", cxxSettings: [.unsafeFlags(["-O2"])], linkerSettings: [.linkedLibrary("simdjson")]),

        // Nouns and decisions: no input or output.
        module("SluiceCore", []),
        module("SluiceDecisions", ["SluiceCore", collections]),

        // From bytes to rows.
        module("SluiceRecords", ["SluiceCore", "CSimdjson"]),
        module("SluiceSQLite", ["CSQLite"]),
        module("SluiceTransform", ["SluiceCore", "SluiceRecords", "SluiceSQLite"]),
        module("SluiceConfig", ["SluiceCore", yams]),

        // Adapters: they never import one another.
        module("SluiceFiles", ["SluiceCore", "CLinux", "CZlib"]),
        module("SluiceRedis", ["SluiceCore", "CHiredis"]),
        module("SluiceMongo", ["SluiceCore", "CMongoc"]),
        module("SluiceLocalStore", ["SluiceCore", "SluiceSQLite"]),

        // Runs what is decided, and assembles it.
        module("SluicePipeline", ["SluiceCore", "SluiceDecisions", "SluiceRecords", "SluiceTransform", log]),
        module(
            "SluiceService",
            [
                "SluiceCore", "SluiceDecisions", "SluiceRecords", "SluiceTransform", "SluiceConfig", "SluiceFiles",
                "SluiceRedis", "SluiceMongo", "SluiceLocalStore", "SluicePipeline", lifecycle, unixSignals, log,
            ]),
        .executableTarget(
            name: "sluice",
            dependencies: ["SluiceCore", "SluiceConfig", "SluiceService", "SluiceRides", argumentParser, log],
            swiftSettings: swiftSettings),

        // For demonstrations and tests.
        module("SluiceRides", ["SluiceCore"]),
        module("SluiceTesting", ["SluiceCore", "SluiceDecisions"]),

        tests(of: "SluiceCore", []),
        tests(of: "SluiceDecisions", ["SluiceCore", "SluiceTesting"]),
        tests(of: "SluiceRecords", ["SluiceCore", "SluiceTesting"]),
        tests(of: "SluiceSQLite", []),
        tests(of: "SluiceTransform", ["SluiceCore", "SluiceRecords", "SluiceSQLite", "SluiceTesting"]),
        tests(of: "SluiceConfig", ["SluiceCore"], resources: [.copy("Golden")]),
        tests(of: "SluiceFiles", ["SluiceCore", "SluiceTesting", "CZlib"]),
        tests(of: "SluiceRedis", ["SluiceCore", "SluiceTesting"]),
        tests(of: "SluiceMongo", ["SluiceCore", "SluiceTesting"]),
        tests(of: "SluiceLocalStore", ["SluiceCore", "SluiceSQLite", "SluiceTesting"]),
        tests(of: "SluicePipeline", ["SluiceCore", "SluiceDecisions", "SluiceTesting"]),
        tests(of: "SluiceRides", ["SluiceCore"]),
        .testTarget(
            name: "SluiceAcceptanceTests", dependencies: ["SluiceCore", "SluiceTesting"],
            exclude: ["Golden", "Support/event_data.py", "Support/read_sinks.py"], swiftSettings: swiftSettings),
    ],
    cxxLanguageStandard: .cxx17
)
