public import SluiceConfig
internal import SluiceCore
internal import SluiceTransform

/// Checks a configuration whole: the files by themselves, and then what they say to the SQL engine.
public enum ConfigurationCheck {
    /// Never throws: whatever is wrong is a diagnostic with its place, and what is wrong is left out.
    public static func load(serviceFile: String, environment: [String: String]) -> Configuration {
        var configuration = ConfigurationLoader.load(serviceFile: serviceFile, environment: environment)
        configuration.features = configuration.features.filter { feature in
            let faults = faults(in: feature)
            guard !faults.isEmpty else { return true }
            configuration.diagnostics += faults
            configuration.invalidate(featureFile: feature.place.file)
            return false
        }
        configuration.diagnostics.sort()
        return configuration
    }

    private static func faults(in feature: FeaturePlan) -> [Diagnostic] {
        do throws(TransformErrors) {
            _ = try CompiledTransform(feature.definition)
            return []
        } catch {
            return error.errors.map { error in
                let place = error.sqlOffset.map(feature.place(ofSQLOffset:)) ?? feature.place(of: error.key)
                return Diagnostic(at: place, error.message, remedy: error.remedy)
            }
        }
    }
}

extension Configuration {
    fileprivate mutating func invalidate(featureFile: String) {
        for index in units.indices where units[index].file == featureFile { units[index].isValid = false }
    }
}
