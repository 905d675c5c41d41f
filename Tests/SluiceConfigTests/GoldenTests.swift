import Foundation
import SluiceConfig
import Testing

@Suite struct GoldenTests {
    @Test func `there are many cases, and many of them hold several errors in several files`() throws {
        let expected = try Golden.cases.map { try Golden.text("\($0)/expected.txt").split(separator: "\n") }
        let broken = expected.filter { !$0.isEmpty }
        let manifold = broken.filter { lines in
            Set(lines.map { $0.prefix { $0 != ":" } }).count > 1 && lines.count > 2
        }
        #expect(broken.count >= 40)
        #expect(manifold.count >= 6)
    }

    /// `SLUICE_GOLDEN_RECORD=1` writes what is found to `expected.txt` instead: then read the difference.
    @Test(arguments: Golden.cases) func `check says exactly what is expected`(_ name: String) throws {
        let lines = Golden.lines(Golden.load(name), of: name)
        if ProcessInfo.processInfo.environment["SLUICE_GOLDEN_RECORD"] == "1" {
            try lines.write(toFile: "\(Golden.folder)/\(name)/expected.txt", atomically: true, encoding: .utf8)
        }
        #expect(lines == (try Golden.text("\(name)/expected.txt")))
    }

    @Test(arguments: Golden.cases) func `what is invalid is left out, and says why`(_ name: String) {
        let configuration = Golden.load(name)
        let wrong = Set(configuration.diagnostics.filter { $0.severity == .error }.map(\.place.file))
        for unit in configuration.units { #expect(unit.isValid == !wrong.contains(unit.file)) }
        #expect(
            configuration.units.filter(\.isValid).count == configuration.sinks.count + configuration.features.count
                + (configuration.service == nil ? 0 : 1))
        #expect(configuration.isValid == wrong.isEmpty)
    }
}
