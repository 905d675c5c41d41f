internal import SluiceCore

/// One sink's cursors in one stream: as settled, and as stored.
struct FileCursors {
    private let stream: StreamID
    private let sink: String
    private var settled: [UInt32: FileCursor]
    private var unsaved: Set<UInt32> = []

    init(stream: StreamID, sink: String, stored: [UInt32: FileCursor]) {
        self.stream = stream
        self.sink = sink
        settled = stored
    }

    func offset(of ordinal: UInt32) -> UInt64 { settled[ordinal]?.offset ?? 0 }

    /// Moves a cursor forward; what lies behind it was settled, and counted, before.
    mutating func settle(_ end: Position, dataRecords: Int) {
        let old = settled[end.fileOrdinal] ?? FileCursor(offset: 0, records: 0)
        guard end.fileOffset > old.offset else { return }
        settled[end.fileOrdinal] = FileCursor(offset: end.fileOffset, records: old.records + UInt64(dataRecords))
        unsaved.insert(end.fileOrdinal)
    }

    /// Stores what has moved. What could not be stored is tried again with the next.
    mutating func commit(to store: any CoordinationStore) throws(CoordinationTrouble) {
        guard !unsaved.isEmpty else { return }
        try store.move(
            unsaved.sorted().map { ordinal in
                CursorMove(stream: stream, sink: sink, ordinal: ordinal, cursor: settled[ordinal]!)
            })
        unsaved.removeAll()
    }
}
