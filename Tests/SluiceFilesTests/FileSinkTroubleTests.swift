import Foundation
import Glibc
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceFiles

/// Disks that fail: what the sink says, and that it goes on by itself when they are mended.
@Suite struct FileSinkTroubleTests {
    private let rides = TestRows(FeatureVersion("rides", 1), columns: ["text"])

    private func row(_ number: Int, length: Int = 10) -> TestRow {
        TestRow("e\(number)", at: 0, ["text": .text(String(repeating: "x", count: length))], offset: UInt64(number))
    }

    private func trouble(_ body: () throws -> Void) -> SinkTrouble? {
        do {
            try body()
            return nil
        } catch {
            return error as? SinkTrouble
        }
    }

    @Test(.enabled(if: geteuid() == 0, "mounting a small disk takes root"))
    func `a full disk is overload, and all is written once there is room`() async throws {
        let disk = try SmallDisk(size: "256k")
        try await onThread {
            let sink = FileSink(.init(path: disk.path + "/lake"))
            #expect(try sink.deliver(rides(row(0))) == [.applied])
            let large = rides((1...10).map { row($0, length: 60_000) })
            for _ in 0..<3 {
                let found = trouble { _ = try sink.deliver(large) }
                guard case .overloaded(let reason) = found else {
                    Issue.record("a full disk is \(String(describing: found))")
                    return
                }
                #expect(reason.hasPrefix("no space: cannot write \(disk.path)/lake/"))
            }
            #expect(disk.files.allSatisfy { !$0.contains("/_part") }, "what is unfinished frees its room")
            try disk.remount("size=4m")
            #expect(try sink.deliver(large) == large.map { _ in .applied })
            let history = History(root: disk.path + "/lake", featureVersion: rides.featureVersion)
            try history.check()
            #expect(try history.state().count == 11)
            sink.close()
        }
    }

    @Test(.enabled(if: geteuid() == 0, "mounting a small disk takes root"))
    func `a read-only disk is a person's to mend`() async throws {
        let disk = try SmallDisk(size: "4m")
        try await onThread {
            try disk.remount("ro")
            let sink = FileSink(.init(path: disk.path))
            for _ in 0..<2 {
                guard case .misconfigured = trouble({ _ = try sink.deliver(rides(row(1))) }) else {
                    Issue.record("a read-only disk is no trouble")
                    return
                }
            }
            try disk.remount("rw")
            #expect(try sink.deliver(rides(row(1))) == [.applied])
            try History(root: disk.path, featureVersion: rides.featureVersion).check()
            sink.close()
        }
    }

    @Test(.enabled(if: geteuid() == 0, "mounting a small disk takes root"))
    func `after trouble every outstanding batch is forgotten, also one that was ready`() async throws {
        let disk = try SmallDisk(size: "256k")
        try await onThread {
            var limits = FileSinkLimits()
            limits.segmentBytes = 1000
            let sink = FileSink(.init(path: disk.path), limits: limits)
            try sink.write(rides(row(1)), now: TestRow.epoch)
            try sink.write(rides(row(2, length: 1000)), now: TestRow.epoch)
            try sink.write(rides(row(3)), now: TestRow.epoch)
            #expect(trouble { try sink.write(rides(row(4, length: 400_000)), now: TestRow.epoch) } != nil)
            #expect(sink.settleDue == nil)
            #expect(try sink.settle(flush: true) == [])
            let history = History(root: disk.path, featureVersion: rides.featureVersion)
            try history.check()
            #expect(!(try history.state().contains { $0.entity == "e3" || $0.entity == "e4" }))
            sink.close()
        }
    }

    @Test func `a folder that was deleted is made again`() async throws {
        let folder = try TemporaryFolder()
        try await onThread {
            let root = folder.path + "/lake"
            let sink = FileSink(.init(path: root))
            #expect(try sink.deliver(rides(row(0))) == [.applied])
            try FileManager.default.removeItem(atPath: root)
            guard case .unreachable = trouble({ _ = try sink.deliver(rides(row(1))) }) else {
                Issue.record("a deleted folder is no trouble")
                return
            }
            #expect(try sink.deliver(rides(row(1))) == [.applied])
            try History(root: root, featureVersion: rides.featureVersion).check()
            sink.close()
        }
    }

    @Test(arguments: ["lake", "lake/rides", "lake/rides/v1", "lake/rides/v1/date=2023-11-14", "lake/_writers"])
    func `a file where a folder must be is a person's to mend`(_ path: String) async throws {
        let folder = try TemporaryFolder()
        try await onThread {
            let place = "\(folder.path)/\(path)"
            try FileManager.default.createDirectory(
                atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: place))
            let sink = FileSink(.init(path: folder.path + "/lake"))
            guard case .misconfigured(let reason) = trouble({ _ = try sink.deliver(rides(row(1))) }) else {
                Issue.record("a file for a folder is no trouble")
                return
            }
            #expect(reason.contains(place))
            try FileManager.default.removeItem(atPath: place)
            #expect(try sink.deliver(rides(row(1))) == [.applied])
            sink.close()
        }
    }

    @Test(arguments: ["rides", "rides/v1", "rides/v1/date=2023-11-14", "rides/v1/_manifest", "_writers"])
    func `a symbolic link below the root is not followed`(_ path: String) async throws {
        let (folder, elsewhere) = (try TemporaryFolder(), try TemporaryFolder())
        try await onThread {
            let place = "\(folder.path)/\(path)"
            try FileManager.default.createDirectory(
                atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: elsewhere.path)
            let sink = FileSink(.init(path: folder.path))
            guard case .misconfigured = trouble({ _ = try sink.deliver(rides(row(1))) }) else {
                Issue.record("a symbolic link was followed")
                return
            }
            #expect(elsewhere.files == [])
            sink.close()
        }
    }

    @Test func `the root may be a symbolic link, and is made with its parents`() async throws {
        let folder = try TemporaryFolder()
        try await onThread {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/link", withDestinationPath: folder.path)
            let sink = FileSink(.init(path: folder.path + "/link/one/two/"))
            #expect(try sink.deliver(rides(row(1))) == [.applied])
            sink.close()
            try History(root: folder.path + "/one/two", featureVersion: rides.featureVersion).check()
        }
    }
}

/// A file system in memory, small enough to be filled.
private final class SmallDisk: Sendable {
    struct Failed: Error {
        let call: String
        let code = errno
    }

    private let folder: TemporaryFolder

    init(size: String) throws {
        folder = try TemporaryFolder()
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(size)") == 0 else { throw Failed(call: "mount") }
    }

    deinit { umount2(folder.path, Int32(MNT_DETACH)) }

    var path: String { folder.path }
    var files: [String] { folder.files }

    /// Changes the size, or whether it can be written.
    func remount(_ options: String) throws {
        let flags = UInt(MS_REMOUNT) | (options == "ro" ? UInt(MS_RDONLY) : 0)
        let data = options.hasPrefix("size") ? options : ""
        guard mount("tmpfs", path, "tmpfs", flags, data) == 0 else { throw Failed(call: "remount \(options)") }
    }
}
