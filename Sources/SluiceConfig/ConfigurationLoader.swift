internal import SluiceCore

/// Reads a configuration from its files.
public enum ConfigurationLoader {
    /// A file may be this large.
    public static let fileLimit = ByteCount(1 << 20)
    /// A folder may hold so many files that are read.
    public static let filesPerFolder = 10_000

    /// Reads `sluice.yaml` and the folders that it names. Nothing is thrown: a file that is missing, unreadable or
    /// wrong is a diagnostic. Files are named in diagnostics as `serviceFile` is, relative or absolute.
    public static func load(serviceFile: String, environment: [String: String]) -> Configuration {
        var loading = Loading(environment: environment)
        loading.readService(serviceFile)
        return loading.configuration()
    }
}

/// A load under way.
private struct Loading {
    /// A file that has been read, valid or not.
    struct Unit {
        var kind: ConfigurationUnit.Kind
        var context: ReadingContext
        var tree: YAMLNode?
        var featureVersion: FeatureVersion?
    }

    let environment: [String: String]
    var service: ServicePlan?
    var sinks: [String: SinkPlan] = [:]
    var features: [FeaturePlan] = []
    var units: [Unit] = []

    init(environment: [String: String]) { self.environment = environment }

    mutating func readService(_ file: String) {
        let context = open(Path.join(".", file))
        let tree = document(context)
        service = tree.flatMap { ServiceForm.form.read($0, context) }
        units.append(Unit(kind: .service, context: context, tree: tree))
        guard let tree else { return }
        // The folders count though the rest of the file may be wrong.
        let names = folder(ServiceForm.sinks, "sinks", of: tree, context).map { readSinks($0) }
        guard let features = folder(ServiceForm.features, "features", of: tree, context) else { return }
        readFeatures(features, sinkNames: names)
    }

    /// The YAML files of the folder that a key names; `nil` where it cannot be read.
    private func folder(
        _ field: Field<String>, _ key: String, of tree: YAMLNode, _ context: ReadingContext
    ) -> [String]? {
        guard let mapping = MappingReader(tree, ServiceForm.form.description, context.silent()),
            let path = field.read(mapping)
        else { return nil }
        let mark = tree[key]?.mark ?? tree.mark
        do {
            let names = try FileAccess.names(in: path).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
            guard names.count <= ConfigurationLoader.filesPerFolder else {
                context.report(
                    at: mark, "the folder \(path) holds \(names.count) files",
                    "expected at most \(ConfigurationLoader.filesPerFolder)")
                return nil
            }
            return names.map { Path.join(path, $0) }
        } catch {
            context.report(at: mark, "the folder \(path) cannot be read: \(error.phrase)", "expected a folder of files")
            return nil
        }
    }

    /// Returns the names that features may refer to, whether their files are valid or not.
    private mutating func readSinks(_ files: [String]) -> Set<String> {
        var names: Set<String> = []
        for file in files {
            let name = stem(file)
            let context = open(file, unitName: name)
            if !isName(name, dashes: true) {
                context.report(
                    at: .start, "\(quoted(name)) is no name of a sink",
                    "name the file [a-z][a-z0-9_-]*.yaml, at most 64 characters before the dot")
            }
            let tree = document(context)
            let plan = tree.flatMap { SinkForm.form.read($0, context) }
            units.append(Unit(kind: .sink(name), context: context, tree: tree))
            if !context.hasErrors { sinks[name] = plan }
            names.insert(name)
        }
        return names
    }

    private mutating func readFeatures(_ files: [String], sinkNames: Set<String>?) {
        var plans: [FeatureVersion: FeaturePlan] = [:]
        let firstUnit = units.count
        for file in files where !file.hasSuffix(".test.yaml") {
            let context = open(file, sinkNames: sinkNames)
            let tree = document(context)
            let plan = tree.flatMap { FeatureForm.form.read($0, context) }
            let identity = tree.flatMap { MappingReader($0, FeatureForm.identity.description, context.silent()) }
                .flatMap(FeatureForm.identity.readFields)
            units.append(
                Unit(kind: .feature(file: context.file), context: context, tree: tree, featureVersion: identity))
            if let plan { plans[plan.definition.featureVersion] = plan }
        }
        let featureUnits = units[firstUnit...]
        reportTwins(featureUnits)
        features = featureUnits.filter { !$0.context.hasErrors }.compactMap { $0.featureVersion.flatMap { plans[$0] } }
        features.sort { $0.definition.featureVersion < $1.definition.featureVersion }
    }

    /// Two files that define the same feature version are both wrong: neither can be known to be the one meant.
    private func reportTwins(_ units: ArraySlice<Unit>) {
        let defined = Dictionary(grouping: units.filter { $0.featureVersion != nil }, by: \.featureVersion)
        for (featureVersion, twins) in defined where twins.count > 1 {
            for unit in twins {
                guard let featureVersion, let mark = unit.tree?["feature"]?.mark else { continue }
                let other = twins.first { $0.context.file != unit.context.file }?.context.file ?? ""
                let more = twins.count > 2 ? " and \(twins.count - 2) more files" : ""
                unit.context.report(
                    at: mark, "\(featureVersion) is defined in \(other)\(more) too",
                    "expected one file for each version of a feature")
            }
        }
    }

    private func stem(_ file: String) -> String {
        let name = Path.name(of: file)
        return String(name.lastIndex(of: ".").map { name[..<$0] } ?? name)
    }

    /// A file's text, ready to be read; empty where it cannot be, which is then reported.
    private func open(_ file: String, unitName: String = "", sinkNames: Set<String>? = nil) -> ReadingContext {
        var bytes: [UInt8] = []
        var problem: String?
        do {
            bytes = try FileAccess.read(file, atMost: ConfigurationLoader.fileLimit)
        } catch {
            problem = "the file cannot be read: \(error.phrase)"
        }
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if bytes.starts(with: byteOrderMark) { bytes.removeFirst(3) }
        let context = ReadingContext(
            file: file, unitName: unitName, source: SourceText(bytes: bytes), environment: environment,
            sinkNames: sinkNames)
        if let problem {
            context.report(at: .start, problem, "expected a file of YAML, at most \(ConfigurationLoader.fileLimit)")
        } else if file.hasSuffix(".yml") {
            context.report(at: .start, "the file's name ends in .yml", "rename it to end in .yaml")
        }
        return context
    }

    /// The tree of a file's text; `nil` where there is none, which is then reported.
    private func document(_ context: ReadingContext) -> YAMLNode? {
        if let offset = context.source.bytes.firstInvalidUTF8 {
            context.report(
                at: context.source.mark(atByte: offset), "a byte that is not UTF-8", "save the file as UTF-8")
            return nil
        }
        let problems = context.diagnostics.count
        let tree = YAMLDocument.read(context)
        if tree == nil, context.diagnostics.count == problems, !context.source.bytes.isEmpty || !context.hasErrors {
            context.report(at: .start, "the file is empty", "expected `key: value` lines")
        }
        return tree
    }

    func configuration() -> Configuration {
        var hash = ContentHash()
        for unit in units.sorted(by: { $0.name < $1.name }) where !unit.context.hasErrors {
            hash.combine(unit.name)
            if let tree = unit.tree { hash.combine(tree) }
        }
        let listed = units.map {
            ConfigurationUnit(
                kind: $0.kind, file: $0.context.file, isValid: !$0.context.hasErrors, featureVersion: $0.featureVersion)
        }
        return Configuration(
            service: units.first?.context.hasErrors == false ? service : nil, sinks: sinks, features: features,
            diagnostics: units.flatMap(\.context.diagnostics).sorted(), hash: hash.hex,
            units: listed.sorted { $0.file < $1.file })
    }
}

extension Loading.Unit {
    /// What the unit is, wherever its file lies.
    fileprivate var name: String {
        switch kind {
        case .service: "service"
        case .sink(let name): "sink \(name)"
        case .feature: "feature \(featureVersion?.description ?? "")"
        }
    }
}

extension [UInt8] {
    /// The offset of the first byte that no UTF-8 text has there.
    fileprivate var firstInvalidUTF8: Int? {
        guard String(validating: self, as: UTF8.self) == nil else { return nil }
        var decoder = UTF8()
        var iterator = makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
        return Swift.min(offset, count)
    }
}
