/// Text that must not be shown: it prints as `<secret>` wherever it is printed by accident.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    private let text: String

    public init(_ text: String) { self.text = text }

    /// The text, for handing to the store that asks for it, and to nothing else.
    public var revealed: String { text }

    public var description: String { "<secret>" }
    public var debugDescription: String { "<secret>" }
}
