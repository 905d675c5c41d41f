import SluiceCore
import Testing

@Suite struct RedisAddressTests {
    @Test func `a URL names host, port, user, password and database`() throws {
        let address = try RedisAddress(url: "redis://ana:p%40ss@cache.example:6380/3")
        #expect(address.endpoint == .tcp(host: "cache.example", port: 6380))
        #expect(address.user == "ana")
        #expect(address.password?.revealed == "p@ss")
        #expect(address.database == 3)
    }

    @Test func `port and database have defaults`() throws {
        let address = try RedisAddress(url: "redis://localhost")
        #expect(address.endpoint == .tcp(host: "localhost", port: 6379))
        #expect(address.database == 0)
    }

    @Test func `a host may be an IPv6 address`() throws {
        #expect(try RedisAddress(url: "redis://[::1]:7000").endpoint == .tcp(host: "::1", port: 7000))
        #expect(try RedisAddress(url: "redis://[::1]").endpoint == .tcp(host: "::1", port: 6379))
    }

    @Test func `a unix socket has a path`() throws {
        let address = try RedisAddress(url: "redis+unix:///run/redis.sock?db=2")
        #expect(address.endpoint == .unixSocket(path: "/run/redis.sock"))
        #expect(address.database == 2)
    }

    @Test(arguments: [
        ("rediss://host", "TLS"), ("http://host", "redis://"), ("redis://", "host"), ("redis://host:0", "port"),
        ("redis://host:99999", "port"), ("redis://host/x", "database"), ("redis+unix://relative", "absolute"),
    ])
    func `what is no Redis URL is refused with the reason`(url: String, word: String) {
        let error = #expect(throws: RedisAddressError.self) { try RedisAddress(url: url) }
        #expect(error?.message.contains(word) == true)
    }

    @Test func `its description shows no credentials`() throws {
        let address = try RedisAddress(url: "redis://ana:hunter2@host:1/0")
        #expect("\(address)" == "redis://host:1/0")
        #expect(!String(reflecting: address).contains("hunter2"))
    }
}
