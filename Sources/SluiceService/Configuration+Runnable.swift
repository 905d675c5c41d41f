public import SluiceConfig
internal import SluiceCore

extension Configuration {
    /// What of this configuration can run: kinds of streams and stores that are configured and checked, but which this
    /// release cannot run, are left out, each with an error that says so.
    public func runnable() -> Configuration {
        var runnable = self
        runnable.features = features.filter { feature in
            let lanes = feature.streams.filter { if case .redis = $0.value { true } else { false } }.keys.sorted()
            guard !lanes.isEmpty else { return true }
            runnable.diagnostics.append(
                Diagnostic(
                    at: feature.place(of: "streams"),
                    "\(lanes.map(\.description).joined(separator: " and ")) of kind redis cannot be read by this release",
                    remedy: "use kind file"))
            return false
        }
        runnable.diagnostics += sinks.values.filter { $0.schedule != nil }.map { sink in
            Diagnostic(
                .warning, at: sink.place, "this release does not apply the schedule of sink '\(sink.name)'",
                remedy: "its `rate` holds at all times")
        }
        runnable.diagnostics.sort()
        return runnable
    }
}
