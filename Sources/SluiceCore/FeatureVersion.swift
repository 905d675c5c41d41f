/// The identity of a definition and the namespace that it fills in every sink: `rider_activity` v2.
///
/// A number is never used again for the same feature, so two rows of one feature version were always made by one
/// definition.
public struct FeatureVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The feature's name; it matches `[a-z][a-z0-9_]*`, at most 64 characters.
    public var feature: String
    /// The version's number, from 1.
    public var version: Int

    public init(_ feature: String, _ version: Int) {
        self.feature = feature
        self.version = version
    }

    /// As people write it: `rider_activity v2`.
    public var description: String { "\(feature) v\(version)" }

    public static func < (one: FeatureVersion, other: FeatureVersion) -> Bool {
        (one.feature, one.version) < (other.feature, other.version)
    }
}
