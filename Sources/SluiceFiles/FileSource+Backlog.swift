public import SluiceCore

extension FileSource {
    /// Bytes as stored, as of the last listing. An archive counts as settled only when all of it is, since its cursor
    /// counts decompressed bytes.
    public var backlog: SourceBacklog? {
        guard let cursors else { return nil }
        var backlog = SourceBacklog(settledBytes: 0, totalBytes: 0)
        for file in files.values {
            let settled = cursors.offset(of: file.ordinal)
            backlog.totalBytes += file.status.size
            if !file.isCompressed {
                backlog.settledBytes += min(settled, file.status.size)
            } else if file.isExhausted, settled >= file.offset {
                backlog.settledBytes += file.status.size
            }
        }
        return backlog
    }
}
