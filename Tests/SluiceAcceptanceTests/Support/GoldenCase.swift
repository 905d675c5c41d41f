import Foundation
import SluiceTesting
import Testing

/// A folder with a configuration as users keep it, and in `expected.txt` what `sluice check` says about it there. The
/// cases of `SluiceConfigTests` are about the files by themselves; those of this target about what the files say to the
/// SQL engine.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    let name: String
    let folder: String
    var testDescription: String { name }

    static let all = cases(in: "SluiceConfigTests") + ofSQL
    static let ofSQL = cases(in: "SluiceAcceptanceTests")

    /// What `${env:…}` finds.
    static let environment = ["SLUICE_GOLDEN_PASSWORD": "hunter2"]

    /// The lines that are expected, in order.
    var expected: [String] {
        get throws {
            try String(contentsOfFile: "\(folder)/expected.txt", encoding: .utf8).split(separator: "\n").map(
                String.init)
        }
    }

    /// Processes that run at once: more only wait for one another.
    private static let turnstile = Turnstile(places: 3)

    /// Runs the command line in a folder of this case, or in a copy of it.
    func sluice(_ arguments: String..., in folder: String? = nil) async throws -> Ended {
        try await Self.turnstile.pass {
            try await Command(
                Repository.sluice, arguments + ["--config", "config/sluice.yaml"],
                environment: Self.environment, folder: folder ?? self.folder
            ).run()
        }
    }

    private static func cases(in target: String) -> [GoldenCase] {
        let folder = "\(Repository.root)/Tests/\(target)/Golden"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted().map { GoldenCase(name: $0, folder: "\(folder)/\($0)") }
    }
}

/// Lets so many pass at once; the others wait in line.
actor Turnstile {
    private var free: Int
    private var line: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { free = places }

    nonisolated func pass<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        await enter()
        do {
            let result = try await body()
            await leave()
            return result
        } catch {
            await leave()
            throw error
        }
    }

    private func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { line.append($0) }
        }
    }

    private func leave() {
        if line.isEmpty { free += 1 } else { line.removeFirst().resume() }
    }
}
