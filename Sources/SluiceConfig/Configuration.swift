public import SluiceCore

/// All that the files say, as far as it is right, and all that is wrong with the rest.
public struct Configuration: Sendable {
    /// `nil` where `sluice.yaml` is invalid.
    public var service: ServicePlan?
    /// The valid sinks by name.
    public var sinks: [String: SinkPlan]
    /// The valid features, by name and version. Feature versions are distinct.
    public var features: [FeaturePlan]
    /// Sorted by file, line and column.
    public var diagnostics: [Diagnostic]
    /// 32 hexadecimal digits over what the valid files say: equal where two replicas run the same, wherever their
    /// files lie.
    public var hash: String
    /// Every file that was looked at, valid or not, sorted by file.
    public var units: [ConfigurationUnit]

    /// Whether there is no error. There may be warnings.
    public var isValid: Bool { !diagnostics.contains { $0.severity == .error } }
}

/// One file: what is taken or left as a whole.
public struct ConfigurationUnit: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case service
        case sink(String)
        case feature(file: String)
    }

    public var kind: Kind
    public var file: String
    public var isValid: Bool
    /// What a feature file says it defines, if that much of it can be read.
    public var featureVersion: FeatureVersion?
}
