/// The instants at which a crash would hurt most, by name, so that a test can end the process at each of them and
/// prove that nothing is lost.
public enum FaultPoint: String, CaseIterable, Sendable {
    case beforeWrite
    case afterWrite
    case beforeSettlement
    case afterSettlement
    case segmentBeforeRename
    case segmentBetweenRenameAndManifest
    case manifestAfterAppend
    case beforeCursorCommit
    case afterCursorCommit
    case deadLetterBeforeKeep
    case deadLetterAfterKeep
}

/// What is done at a fault point: nothing, unless a crash is being rehearsed.
public struct FaultHook: Sendable {
    private let action: @Sendable (FaultPoint) -> Void

    public init(_ action: @escaping @Sendable (FaultPoint) -> Void) { self.action = action }

    /// Goes on at every point.
    public static let none = FaultHook { _ in }

    public func reached(_ point: FaultPoint) { action(point) }
}
