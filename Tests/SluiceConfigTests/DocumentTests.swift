import Foundation
import SluiceConfig
import Testing

/// The YAML that stands in documents, and the configuration that is shipped.
@Suite struct DocumentTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// The fenced YAML blocks of a document, by the path that the comment on their first line names.
    private static func blocks(of document: String) throws -> [String: String] {
        let text = try String(contentsOfFile: "\(root)/\(document)", encoding: .utf8)
        var blocks: [String: String] = [:]
        for part in text.components(separatedBy: "```yaml\n").dropFirst() {
            let block = part.components(separatedBy: "\n```")[0] + "\n"
            let first = try #require(block.split(separator: "\n").first)
            try #require(first.hasPrefix("# "), "a block's first line names its file: \(first)")
            blocks[String(first.dropFirst(2))] = block
        }
        return blocks
    }

    @Test func `every block of YAML in the README is a valid file`() throws {
        let blocks = try Self.blocks(of: "README.md")
        #expect(blocks.count >= 2)
        let configuration = try TemporaryConfiguration(blocks)
        #expect(configuration.lines() == [])
        #expect(configuration.load().features.count == blocks.keys.count { $0.hasPrefix("config/features/") })
    }

    @Test func `the shipped configuration is valid`() throws {
        var files: [String: String] = [:]
        for folder in ["config", "config/features", "sinks"] {
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(Self.root)/\(folder)")
            where name.hasSuffix(".yaml") {
                files["\(folder)/\(name)"] = try String(
                    contentsOfFile: "\(Self.root)/\(folder)/\(name)", encoding: .utf8)
            }
        }
        #expect(try TemporaryConfiguration(files).lines() == [])
    }
}
