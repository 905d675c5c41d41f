/// One value of a row, of the types that SQL gives and all sinks keep.
///
/// Text is lent by the row batch that owns it: it must not outlive the closure or the batch.
public enum Cell {
    case null
    case integer(Int64)
    case real(Double)
    case text(UnsafeBufferPointer<UInt8>)
}

/// One value that owns its text, for tests and messages.
public enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)

    public init(_ cell: Cell) {
        switch cell {
        case .null: self = .null
        case .integer(let number): self = .integer(number)
        case .real(let number): self = .real(number)
        case .text(let text): self = .text(String(decoding: text, as: UTF8.self))
        }
    }
}

/// The columns of a feature version's rows, in the order in which the SQL names them. One object serves all rows of a
/// compiled transform, so sinks may prepare what they need of it once, by its identity.
public final class RowSchema: Sendable {
    public let featureVersion: FeatureVersion
    public let columns: [String]

    public init(featureVersion: FeatureVersion, columns: [String]) {
        self.featureVersion = featureVersion
        self.columns = columns
    }
}
