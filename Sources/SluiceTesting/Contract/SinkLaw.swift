import SluiceCore

/// One law that every sink keeps, named by its sentence.
///
/// A sink's tests run all of them:
///
///     @Test(arguments: SinkLaw.all)
///     func `the sink keeps the law that`(_ law: SinkLaw) async throws {
///         try await onThread { try law.check(on: MyHarness()) }
///     }
public struct SinkLaw: Sendable, CustomStringConvertible {
    public let name: String
    private let body: @Sendable (SinkTrial) throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (SinkTrial) throws -> Void) {
        self.name = name
        self.body = body
    }

    public var description: String { name }

    /// All laws, in a fixed order.
    public static let all: [SinkLaw] = ordering + content + lifetime + failure + merging

    /// Tries the law. Blocks; throws `LawBroken` where the sink does otherwise. A law that the harness passes over is
    /// said so on standard output, and not tried.
    public func check(on harness: any SinkHarness) throws {
        let unknown = Set(harness.lawsPassedOver.keys).subtracting(Self.all.map(\.name))
        guard unknown.isEmpty else {
            throw LawBroken("\(type(of: harness)) passes over what is no law: \(unknown.sorted())")
        }
        if let reason = harness.lawsPassedOver[name] {
            print("\(type(of: harness)) passes over the law \"\(name)\": \(reason)")
            return
        }
        let trial = try SinkTrial(of: harness)
        defer { trial.sink.close() }
        try body(trial)
    }
}

/// A sink did otherwise than a law says.
public struct LawBroken: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
