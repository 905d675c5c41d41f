import Foundation
import SluiceTesting
import Testing

/// What the command line says about configurations, most of them wrong.
///
/// `SLUICE_GOLDEN_RECORD=1` writes what `check` says to `expected.txt`, for the cases of SQL: then read the difference.
@Suite struct GoldenTests {
    /// Cases of which something is left to run.
    private static let leaveSomething: Set = ["sql-in-several-files", "valid", "valid-yaml-styles"]

    @Test(arguments: GoldenCase.ofSQL, [ProcessInfo.processInfo.environment["SLUICE_GOLDEN_RECORD"]])
    func `the places are those of the words that are wrong`(_ golden: GoldenCase, record: String?) async throws {
        if record == "1" {
            let lines = try await golden.sluice("check").output.split(separator: "\n").filter { !$0.hasPrefix("good:") }
            try Data(lines.map { $0 + "\n" }.joined().utf8)
                .write(to: URL(fileURLWithPath: "\(golden.folder)/expected.txt"))
        }
        for line in try golden.expected {
            let parts = line.split(separator: ":", maxSplits: 3).map(String.init)
            try #require(parts.count == 4 && parts[3].hasPrefix(" error: "))
            let lines = try String(contentsOfFile: "\(golden.folder)/\(parts[0])", encoding: .utf8)
                .split(separator: "\n", omittingEmptySubsequences: false)
            let (row, column) = (try #require(Int(parts[1])), try #require(Int(parts[2])))
            try #require(lines.indices.contains(row - 1) && (1...lines[row - 1].unicodeScalars.count).contains(column))
            let there = String(lines[row - 1].unicodeScalars.dropFirst(column - 1))
            // A name in the message that the place's line holds must stand at the place.
            let names = line.matches(of: /`([^`]+)`/).map { String($0.1) }
            if let named = names.first, lines[row - 1].contains(named) { #expect(there.contains(named), "\(line)") }
        }
    }

    @Test(arguments: GoldenCase.all)
    func `check prints exactly what is expected, and tells by its exit code`(_ golden: GoldenCase) async throws {
        let expected = try golden.expected
        let isValid = !expected.contains { $0.contains(": error: ") }
        let checked = try await golden.sluice("check")
        var lines = checked.output.split(separator: "\n").map(String.init)
        if isValid { #expect(lines.popLast()?.hasPrefix("good: ") == true) }
        #expect(lines == expected)
        #expect(checked.errors == "")
        #expect(!checked.wasKilled && checked.status == (isValid ? 0 : 78))
    }

    @Test(arguments: GoldenCase.all)
    func `check --json says the same`(_ golden: GoldenCase) async throws {
        let expected = try golden.expected
        let isValid = !expected.contains { $0.contains(": error: ") }
        let checked = try await golden.sluice("check", "--json")
        let report = try checked.json
        let lines = try report["diagnostics"].array.map { line in
            let place = "\(try line["file"].text):\(try line["line"].integer):\(try line["column"].integer)"
            return "\(place): \(try line["severity"].text): \(try line["message"].text); \(try line["remedy"].text)"
        }
        #expect(lines == expected)
        #expect(try report["valid"].bool == isValid)
        #expect(!checked.wasKilled && checked.status == (isValid ? 0 : 78))
    }

    @Test(arguments: GoldenCase.all)
    func `run says the same, and exits 78 where nothing is left to run`(_ golden: GoldenCase) async throws {
        let copy = try TemporaryFolder("golden")
        try FileManager.default.copyItem(atPath: golden.folder, toPath: "\(copy.path)/case")
        let ran = try await golden.sluice("run", "--drain", in: "\(copy.path)/case")
        let expected = try golden.expected
        let lines = ran.errors.split(separator: "\n").map(String.init)
        #expect(lines.filter(expected.contains) == expected)
        #expect(!ran.wasKilled && ran.status == (Self.leaveSomething.contains(golden.name) ? 0 : 78), "\(ran.errors)")
        if ran.status == 78 {
            #expect(ran.output == "")
            #expect(lines.last?.hasPrefix("error: ") == true)
        }
    }
}
