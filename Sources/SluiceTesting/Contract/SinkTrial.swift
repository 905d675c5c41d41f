import Foundation
import SluiceCore
import Synchronization

/// One sink on trial: a sink of the harness, a feature of its own, and the questions that laws ask.
final class SinkTrial {
    static let columns = ["text", "count", "ratio", "note"]
    private static let featuresMade = Atomic<Int>(0)

    let harness: any SinkHarness
    let rows: TestRows
    var sink: any Sink
    var now = EventTime.now

    init(of harness: any SinkHarness) throws {
        self.harness = harness
        rows = TestRows(Self.newFeature(), columns: Self.columns)
        sink = try harness.makeSink()
    }

    /// A feature that no other law in this or another process writes.
    static func newFeature() -> FeatureVersion {
        let number = featuresMade.add(1, ordering: .relaxed).newValue
        return FeatureVersion("law_\(ProcessInfo.processInfo.processIdentifier)_\(number)", 1)
    }

    /// Writes one batch and settles it.
    func deliver(_ batch: [Row]) throws -> [SinkVerdict] {
        try sink.write(batch, now: now)
        let answers = try sink.settle(flush: true)
        guard answers.count == 1, answers[0].count == batch.count else {
            throw LawBroken("a batch of \(batch.count) rows was settled by \(answers.map(\.count)) verdicts")
        }
        return answers[0]
    }

    func deliver(_ batch: TestRow...) throws -> [SinkVerdict] { try deliver(rows(batch)) }

    /// Writes batches with as many outstanding as the sink allows; the verdicts per batch.
    func deliver(batches: [[Row]]) throws -> [[SinkVerdict]] {
        var answers: [[SinkVerdict]] = []
        for (place, batch) in batches.enumerated() {
            if place - answers.count == sink.window { answers += try sink.settle(flush: false) }
            if place - answers.count == sink.window { answers += try sink.settle(flush: true) }
            try sink.write(batch, now: now)
        }
        answers += try sink.settle(flush: true)
        try expect(answers.map(\.count), equals: batches.map(\.count), "verdicts per batch")
        return answers
    }

    /// Writes a batch again and again, as the gateway does, until it is settled.
    func deliverThroughTrouble(_ batch: [Row], within bound: Duration = .seconds(30)) throws -> [SinkVerdict] {
        var verdicts: [SinkVerdict] = []
        try waitUntil("the sink recovers", within: bound) {
            do {
                verdicts = try deliver(batch)
                return true
            } catch is SinkTrouble {
                return false
            }
        }
        return verdicts
    }

    /// Compares verdicts with what a sink that keeps the greatest row must say; one that keeps history says `applied`
    /// where that one says stale or duplicate.
    func expect(_ verdicts: [SinkVerdict], _ expected: [SinkVerdict], _ subject: String = "verdicts") throws {
        try expect(verdicts, equals: expected.map(adapted), subject)
    }

    func adapted(_ verdict: SinkVerdict) -> SinkVerdict {
        guard harness.keepsHistory else { return verdict }
        return switch verdict {
        case .stale, .duplicate: .applied
        case .applied, .expired, .refused: verdict
        }
    }

    /// Compares the whole state of the trial's feature version with the rows that must have won.
    func expectState(_ winners: TestRow...) throws { try expectState(of: rows.featureVersion, winners) }

    func expectState(of featureVersion: FeatureVersion, _ winners: [TestRow]) throws {
        // By bytes: entities that differ only in how Unicode composes them are two.
        let found = try state(of: featureVersion)
        let expected = Dictionary(uniqueKeysWithValues: winners.map { (Array($0.entity.utf8), stored($0)) })
        for (entity, row) in expected where found[entity] != row {
            throw LawBroken("an entity is \(describe(found[entity])), not \(describe(row))")
        }
        for (entity, row) in found where expected[entity] == nil {
            throw LawBroken("there should be no \(describe(row))")
        }
    }

    /// The trial's state, by the bytes of the entity.
    private func state(of featureVersion: FeatureVersion) throws -> [[UInt8]: StoredRow] {
        let rows = try harness.state(of: featureVersion).map { (Array($0.entity.utf8), $0) }
        return try Dictionary(rows) { one, other in
            throw LawBroken("an entity is there twice: \(describe(one)) and \(describe(other))")
        }
    }

    /// The entities that the store holds of the trial's feature version.
    func storedEntities() throws -> Set<String> { Set(try harness.state(of: rows.featureVersion).map(\.entity)) }

    func expect<Found: Equatable>(_ found: Found, equals expected: Found, _ subject: String) throws {
        guard found == expected else { throw LawBroken("\(subject): found \(found), not \(expected)") }
    }

    /// The trouble that a body ends in.
    func trouble(_ subject: String, _ body: () throws -> Void) throws -> SinkTrouble {
        do {
            try body()
        } catch let trouble as SinkTrouble {
            return trouble
        }
        throw LawBroken("\(subject) was no trouble to the sink")
    }

    private func stored(_ row: TestRow) -> StoredRow {
        StoredRow(
            entity: row.entity, version: row.version.description, isDeleted: row.isDeleted,
            values: row.isDeleted ? [:] : row.values.compactMapValues(harness.stored))
    }

    private func describe(_ row: StoredRow?) -> String {
        guard let row else { return "absent" }
        let values = row.values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        return "\(row.entity.debugDescription) \(row.version)\(row.isDeleted ? " deleted" : "") [\(values)]"
    }
}
