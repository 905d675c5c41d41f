/// A value that is lent: its bytes are valid until whoever lent it goes on.
public enum SQLiteCell {
    case null
    case integer(Int64)
    case real(Double)
    case text(UnsafeBufferPointer<UInt8>)
    case blob(UnsafeBufferPointer<UInt8>)
}
