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

    /// The segments, in order of path; none if nothing was ever written. All are held at once, at some 200 bytes each;
    /// a writer that finishes one per second makes 86,400 a day.
    public func segments() throws(ManifestError) -> [ListedSegment] {
        var segments: [ListedSegment] = []
        try forEachSegment(onTrouble: { $0 }, visit: { (segment) throws(ManifestError) in segments.append(segment) })
        return segments.sorted { $0.path < $1.path }
    }

    /// Lends the segments one by one, in the order in which each writer finished them.
    func forEachSegment<Failure: Error>(
        onTrouble: (ManifestError) -> Failure, visit: (ListedSegment) throws(Failure) -> Void
    ) throws(Failure) {
        let names: [String]
        do throws(DiskFault) {
            names = try openFolder()?.texts().filter { $0.hasSuffix(HistoryLayout.manifestSuffix) } ?? []
        } catch {
            throw onTrouble(.unreachable(error.reason))
        }
        for name in names.sorted() {
            let manifest: ManifestFile
            do throws(DiskFault) {
                guard let file = try openFolder()?.openToRead(name) else { continue }
                manifest = ManifestFile(file: file)
            } catch {
                throw onTrouble(.unreachable(error.reason))
            }
            try manifest.forEachSegment(onTrouble: onTrouble, visit: visit)
        }
    }

    private func openFolder() throws(DiskFault) -> Folder? {
        guard HistoryLayout.isValid(featureVersion), let root = try Folder.existing(root) else { return nil }
        return try root.folder(HistoryLayout.path(of: featureVersion) + [HistoryLayout.manifest])
    }
}

/// One manifest as it is read. What follows the last whole line was torn by a crash, or is being written; a bad line
/// before a whole one is damage.
private struct ManifestFile: ~Copyable {
    private let file: OpenFile

    init(file: consuming OpenFile) { self.file = file }

    func forEachSegment<Failure: Error>(
        onTrouble: (ManifestError) -> Failure, visit: (ListedSegment) throws(Failure) -> Void
    ) throws(Failure) {
        var lines = LineSplitter()
        var line = 0
        var lineBad: Int?
        try file.forEachPiece(
            onFault: { onTrouble(.unreachable($0.reason)) },
            { (piece) throws(Failure) in
                try lines.take(piece) { (text) throws(Failure) in
                    line += 1
                    guard let segment = ListedSegment(manifestLine: text.dropLast()), segment.hasOrdinaryPath else {
                        lineBad = lineBad ?? line
                        return
                    }
                    if let lineBad {
                        throw onTrouble(
                            .damaged(
                                "\(file.path):\(lineBad): the line is not what was written; "
                                    + "restore the file from a copy"))
                    }
                    try visit(segment)
                }
            })
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
