import Testing

@testable import SluiceConfig

@Suite struct NearNameTests {
    private static let keys = ["rate", "url", "durability", "bootstrap", "batch", "max_rate"]

    @Test(arguments: [
        ("rat", "rate"), ("raet", "rate"), ("Rate", "rate"), ("durabilty", "durability"), ("max-rate", "max_rate"),
        ("bacth", "batch"), ("ulr", "url"), ("maxrate", "max_rate"),
    ]) func `a slip of the keyboard is understood`(_ text: String, _ meant: String) {
        #expect(NearName.of(text, among: Self.keys) == meant)
    }

    @Test(arguments: ["", "x", "speed", "throughput", "host", String(repeating: "rate", count: 20)])
    func `another word is not`(_ text: String) {
        #expect(NearName.of(text, among: Self.keys) == nil)
    }
}

@Suite struct PathTests {
    @Test(arguments: [
        ("config", "features", "config/features"), ("config", "../sinks", "sinks"), (".", "features", "features"),
        ("config", "..", "."), ("..", "../x", "../../x"), ("/etc/sluice", "../x/./y/", "/etc/x/y"),
        ("a", "/b/../c", "/c"),
        ("/", "../x", "/x"),
    ]) func `relative paths start from a folder`(_ folder: String, _ path: String, _ joined: String) {
        #expect(Path.join(folder, path) == joined)
    }

    @Test(arguments: [("config/sluice.yaml", "config"), ("sluice.yaml", "."), ("/sluice.yaml", "/")])
    func `a file lies in its folder`(_ file: String, _ folder: String) {
        #expect(Path.folder(of: file) == folder)
    }
}
