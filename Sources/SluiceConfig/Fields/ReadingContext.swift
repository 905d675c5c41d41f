/// One file while it is read: its text, what its values refer to, and what has been found wrong with it.
final class ReadingContext {
    /// Beyond so many complaints a file's further ones are left out: someone has read the wrong file.
    static let diagnosticsPerFile = 100

    let file: String
    /// What the file's name says it defines: a sink's name.
    let unitName: String
    let source: SourceText
    let environment: [String: String]
    /// The names that a reference to a sink may give; `nil` where the sinks are not known.
    let sinkNames: Set<String>?
    private(set) var diagnostics: [Diagnostic] = []

    init(
        file: String, unitName: String = "", source: SourceText, environment: [String: String] = [:],
        sinkNames: Set<String>? = nil
    ) {
        self.file = file
        self.unitName = unitName
        self.source = source
        self.environment = environment
        self.sinkNames = sinkNames
    }

    /// The same file, whose complaints nobody hears.
    func silent() -> ReadingContext {
        ReadingContext(
            file: file, unitName: unitName, source: source, environment: environment, sinkNames: sinkNames)
    }

    /// The folder that relative paths in this file start from.
    var folder: String { Path.folder(of: file) }

    /// Whether nothing more is taken down.
    var isFull: Bool { diagnostics.count >= Self.diagnosticsPerFile }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    func place(_ mark: YAMLMark) -> Place { Place(file: file, line: mark.line, column: mark.column) }

    func report(
        _ severity: Diagnostic.Severity = .error, at mark: YAMLMark, _ found: String, _ expected: String
    ) {
        guard !isFull else { return }
        if diagnostics.count == Self.diagnosticsPerFile - 1 {
            let rest = Diagnostic(
                at: place(mark), "more than \(Self.diagnosticsPerFile - 1) errors in this file",
                remedy: "mend these first; the rest is not shown")
            diagnostics.append(rest)
        } else {
            diagnostics.append(Diagnostic(severity, at: place(mark), found, remedy: expected))
        }
    }
}
