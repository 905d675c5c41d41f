/// Every key of every file, as it is declared: what the reference and the schema are generated from.
public enum ConfigurationReference {
    /// `sluice.yaml`.
    public static let service = ServiceForm.form.description
    /// A file of the sinks' folder.
    public static let sink = SinkForm.form.description
    /// A file of the features' folder.
    public static let feature = FeatureForm.form.description
}
