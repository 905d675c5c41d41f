import Foundation
import SluiceCore
import SluiceLocalStore

/// A folder that is gone at the end of the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "sluice-localstore-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

let rides = StreamID(FeatureVersion("rides", 1), .realtime)

func sighting(_ path: String, inode: UInt64 = 1, _ text: String = "some text", replaces: UInt32? = nil) -> FileSighting
{
    FileSighting(path: path, inode: inode, prefix: Array(text.utf8), replaces: replaces)
}

/// Runs a body that blocks on a thread of its own.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}
