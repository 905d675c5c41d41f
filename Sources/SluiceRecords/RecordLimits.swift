/// What a record may be at most. What exceeds it is refused as too large.
public enum RecordLimits {
    /// Bytes of a record, its end of line not counted.
    public static let bytes = 1 << 20
    /// Objects and arrays within one another, the record itself included.
    public static let depth = 64
}
