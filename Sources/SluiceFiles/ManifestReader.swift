internal import Glibc
public import SluiceCore

/// Reads which segments a feature version's history consists of: the union of its writers' manifests.
///
/// What is listed is whole and durable. It may be read while sinks write: a line under way does not count yet.
public struct ManifestReader: Sendable {
    private let root: String
    private let featureVersion: FeatureVersion

    /// - Parameter root: the `path` of the file sink.
    public init(root: String, featureVersion: FeatureVersion) {
        self.root = root
        self.featureVersion = featureVersion
    }

    /// The segments, in order of path; none if nothing was ever written.
    public func segments() throws(ManifestError) -> [ListedSegment] {
        guard HistoryLayout.isValid(featureVersion) else { return [] }
        var segments: [ListedSegment] = []
        for (path, content) in try manifests() {
            segments += try Self.segments(in: content, path: path)
        }
        return segments.sorted { $0.path < $1.path }
    }

    private func manifests() throws(ManifestError) -> [(path: String, content: [UInt8])] {
        do throws(DiskFault) {
            guard let root = try Folder.existing(root),
                let folder = try root.folder(HistoryLayout.path(of: featureVersion) + [HistoryLayout.manifest])
            else { return [] }
            var manifests: [(String, [UInt8])] = []
            for name in try folder.names() where name.hasSuffix(HistoryLayout.manifestSuffix) {
                guard let file = try folder.openToRead(name) else { continue }
                manifests.append((file.path, try file.bytes(from: 0)))
            }
            return manifests
        } catch {
            throw .unreachable(error.reason)
        }
    }

    /// Reads one manifest. What follows the last whole line was torn by a crash, or is being written; a bad line
    /// before a whole one is damage.
    private static func segments(in content: [UInt8], path: String) throws(ManifestError) -> [ListedSegment] {
        var segments: [ListedSegment] = []
        var lineBad: Int?
        var rest = content[...]
        var line = 0
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            line += 1
            if let segment = ListedSegment(manifestLine: rest[..<end]), segment.hasOrdinaryPath {
                if let lineBad {
                    throw .damaged(
                        "\(path):\(lineBad): the line is not what was written; restore the file from a copy")
                }
                segments.append(segment)
            } else if lineBad == nil {
                lineBad = line
            }
            rest = rest[(end + 1)...]
        }
        return segments
    }
}

/// Why a manifest could not be read.
public enum ManifestError: Error, Sendable, Hashable {
    /// What is there is not what was written.
    case damaged(String)
    /// The disk did not give it.
    case unreachable(String)

    /// What happened, with the path and the remedy.
    public var reason: String {
        switch self {
        case .damaged(let reason), .unreachable(let reason): reason
        }
    }
}

extension ListedSegment {
    /// `date=…` and `part-…`: the two names that lead from the feature version's folder to the file.
    var names: [String] { path.split(separator: "/" as Character, omittingEmptySubsequences: false).map(String.init) }

    fileprivate var hasOrdinaryPath: Bool {
        let names = names
        return names.count == 2 && names[0].hasPrefix("date=") && names[1].hasPrefix("part-")
    }
}
