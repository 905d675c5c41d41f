import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceRedis

struct RedisProtocolTests {
    @Test(arguments: [
        (Int64(0), "$1\r\n0\r\n"), (9, "$1\r\n9\r\n"), (10, "$2\r\n10\r\n"), (-1, "$2\r\n-1\r\n"),
        (.max, "$19\r\n9223372036854775807\r\n"), (.min, "$20\r\n-9223372036854775808\r\n"),
    ])
    func `integers are written in decimal to the last digit`(_ number: Int64, _ expected: String) {
        var buffer = RESPBuffer()
        buffer.append(bulk: number)
        #expect(String(decoding: buffer.bytes, as: UTF8.self) == expected)
    }

    @Test func `a request is an array of bulks whose lengths count bytes`() {
        var buffer = RESPBuffer()
        buffer.append(command: ["SET", "é", ""])
        #expect(Array(buffer.bytes) == Array("*3\r\n$3\r\nSET\r\n$2\r\né\r\n$0\r\n\r\n".utf8))
    }

    @Test func `a buffer grows as needed and is empty afterwards`() {
        var buffer = RESPBuffer()
        let text = String(repeating: "x", count: 10 << 20)
        buffer.append(bulk: text)
        #expect(buffer.count == text.utf8.count + 13)
        buffer.removeAll()
        #expect(buffer.count == 0)
        buffer.append(bulk: 7)
        #expect(Array(buffer.bytes) == Array("$1\r\n7\r\n".utf8))
    }

    @Test(arguments: [
        ("WRONGTYPE Operation against a key", "WRONGTYPE"), ("ERR unknown", "ERR"), ("oops", "ERR"), ("", "ERR"),
        ("OOM command not allowed when used memory > 'maxmemory'. script: 1, on @user_script:5.", "OOM"),
        ("ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write", "READONLY"),
    ])
    func `the code of an error reply is its first word, also from within a script`(_ text: String, _ code: String) {
        #expect(RedisErrorReply(text: text).code == code)
    }

    @Test func `what a server repeats of a command is not passed on`() {
        let reply = RedisErrorReply(text: "ERR unknown command 'X', with args beginning with: 'private' 'values'")
        #expect(reply.message == "unknown command 'X'")
    }

    @Test(arguments: [
        "OOM x", "LOADING x", "BUSY x", "MISCONF x", "MASTERDOWN x", "READONLY x", "NOREPLICAS x",
        "ERR max number of clients reached",
    ])
    func `what passes is overload`(_ text: String) {
        #expect(trouble(text).kind == .overloaded)
    }

    @Test(arguments: [
        "NOAUTH x", "WRONGPASS x", "NOPERM x", "DENIED x", "ERR DB index is out of range",
        "ERR unknown command 'EVALSHA'",
        "ERR something that no one has heard of", "MOVED 1 h:1", "CROSSSLOT x",
        "ERR SELECT is not allowed in cluster mode",
    ])
    func `what a person must mend is configuration`(_ text: String) {
        #expect(trouble(text).kind == .misconfigured)
    }

    @Test func `a value that is too long for the server refuses the batch`() {
        #expect(trouble("ERR Protocol error: invalid bulk length").kind == .batchRefused)
    }

    private func trouble(_ text: String) -> SinkTrouble {
        SinkTrouble(.reply(RedisErrorReply(text: text)), at: RedisAddress(.tcp(host: "h", port: 1)))
    }
}
