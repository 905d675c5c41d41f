import Foundation
import SluiceConfig
import SluiceCore
import Testing

@Suite struct SecretsTests {
    private func sink(_ url: String) throws -> TemporaryConfiguration {
        try TemporaryConfiguration(["sinks/online.yaml": "kind: redis\nurl: \"\(url)\"\n"])
    }

    private func address(_ configuration: Configuration) throws -> RedisAddress {
        guard case .redis(let address, _) = try #require(configuration.sinks["online"]).kind else {
            throw ValueError(found: "another kind", expected: "redis")
        }
        return address
    }

    @Test func `a reference among credentials may hold any sign`() throws {
        let configuration = try sink("redis://${env:USER_NAME}:${env:PASSWORD}@cache:6380/2")
        let address = try address(configuration.load(["USER_NAME": "a:b", "PASSWORD": "p@s/s?w:rd%41é"]))
        #expect(address.user == "a:b")
        #expect(address.password == Secret("p@s/s?w:rd%41é"))
        #expect(address.endpoint == .tcp(host: "cache", port: 6380))
        #expect(address.database == 2)
    }

    @Test func `a whole URL may be a reference, its password included`() throws {
        let configuration = try sink("${env:REDIS_URL}")
        let address = try address(configuration.load(["REDIS_URL": "redis://:p%40ss@cache/1"]))
        #expect(address.password == Secret("p@ss"))
    }

    @Test func `a host may be a reference`() throws {
        #expect(
            try address(sink("redis://${env:HOST}:6379/0").load(["HOST": "cache"])).description
                == "redis://cache:6379/0")
    }

    @Test func `a secret's file is found from the file that names it, and its last line end is dropped`() throws {
        let configuration = try sink("redis://:${file:password}@cache/0")
        try configuration.write(["sinks/password": "secret\r\n"])
        #expect(try address(configuration.load()).password == Secret("secret"))
    }

    /// Whatever is wrong with it, what a reference held appears nowhere.
    @Test(arguments: [
        "hunter2", "rediss://hunter2@cache", "redis://hunter2:hunter2@cache:hunter2/0", "redis://cache/hunter2",
        "redis+unix://hunter2", "mongodb://hunter2@db/hunter2?w=hunter2", "mongodb://db/hunter2.x", "\u{1}hunter2",
    ]) func `what a reference resolves to appears in no diagnostic`(_ secret: String) throws {
        let configuration = try TemporaryConfiguration([
            "config/sluice.yaml": TemporaryConfiguration.service + "admin: {token: \"x${env:S}\"}\n",
            "sinks/online.yaml": "kind: redis\nurl: \"${env:S}\"\n",
            "sinks/host.yaml": "kind: redis\nurl: \"redis://${env:S}/x\"\n",
            "sinks/profiles.yaml": "kind: mongo\nurl: \"${env:S}\"\n",
            "sinks/rate.yaml": "kind: file\npath: lake\nrate: ${env:S}\n",
            "config/features/rides.yaml": TemporaryConfiguration.feature()
                .replacing("redis://127.0.0.1:6379/0", with: "${env:S}"),
        ])
        let loaded = configuration.load(["S": secret])
        #expect(loaded.diagnostics.count >= 4)
        for diagnostic in loaded.diagnostics { #expect(!diagnostic.description.contains("hunter2")) }
        #expect(!"\(loaded.sinks)".contains("hunter2"))
    }

    @Test(arguments: ["two words", "line\nline", "größe"]) func `a token is what an HTTP header can carry`(
        _ token: String
    ) throws {
        let configuration = try TemporaryConfiguration([
            "config/sluice.yaml": TemporaryConfiguration.service + "admin: {token: \"${env:TOKEN}\"}\n"
        ])
        #expect(
            configuration.lines(["TOKEN": token]) == [
                "config/sluice.yaml:5:16: error: the secret holds characters that no HTTP header carries; "
                    + "expected visible ASCII without spaces"
            ])
    }

    @Test(arguments: ["127.0.0.1:0", "127.1.2.3:80", "localhost:7070", "\"[::1]:7070\""])
    func `on loopback no token is required`(_ listen: String) throws {
        let configuration = try TemporaryConfiguration([
            "config/sluice.yaml": TemporaryConfiguration.service + "admin: {listen: \(listen)}\n"
        ])
        #expect(configuration.lines() == [])
    }

    @Test(arguments: ["0.0.0.0:7070", "\"[::]:7070\"", "10.0.0.1:7070", "127.evil.example:7070", "example.org:7070"])
    func `beyond loopback a token is required`(_ listen: String) throws {
        let service = TemporaryConfiguration.service
        let configuration = try TemporaryConfiguration(["config/sluice.yaml": "\(service)admin: {listen: \(listen)}\n"])
        #expect(configuration.load().service == nil)
        #expect(configuration.lines().count == 1)
        let withToken = "\(service)admin: {listen: \(listen), token: \"${env:TOKEN}\"}\n"
        try configuration.write(["config/sluice.yaml": withToken])
        #expect(configuration.load(["TOKEN": "t"]).service?.admin.token == Secret("t"))
    }
}
