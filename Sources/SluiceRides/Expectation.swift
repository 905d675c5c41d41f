import SluiceCore

/// The state in which one feature must end, kept up while its records are written; and what is to be counted on the
/// way. It holds one row per entity, whatever the number of records.
struct Expectation<Columns: ExpectedColumns> {
    /// A row's place among all writes to its entity, compared member by member.
    private struct Rank {
        var time: Int64
        var revision: UInt32
        var lane: UInt8
        var file: UInt32
        var offset: UInt64
        var index: UInt16

        func beats(_ other: Rank) -> Bool {
            if time != other.time { return time > other.time }
            if revision != other.revision { return revision > other.revision }
            if lane != other.lane { return lane > other.lane }
            if file != other.file { return file > other.file }
            if offset != other.offset { return offset > other.offset }
            return index > other.index
        }

        var version: WriteVersion {
            WriteVersion(
                eventTime: EventTime(microseconds: time), revision: revision, lane: Lane(rawValue: lane)!,
                position: Position(fileOrdinal: file, offset: offset), index: index)
        }
    }

    private struct Winner {
        var rank: Rank
        var isDeleted: Bool
        var columns: Columns
    }

    private var winners: [Winner?] = []
    private(set) var counts: [Lane: LaneCounts] = [:]

    /// Takes note of a record that now stands at `offset` of its lane's file number `file`.
    mutating func add(_ effect: Effect<Columns>, lane: Lane, file: UInt32, offset: UInt64) {
        var count = counts[lane] ?? LaneCounts()
        count.records += 1
        switch effect {
        case .filtered: count.filtered += 1
        case .refused(let reason):
            count.refused += 1
            count.refusedByReason[reason, default: 0] += 1
        case .expired:
            count.rows += 1
            count.expired += 1
        case .rows(let changes):
            count.rows += changes.count
            for (index, change) in changes.enumerated() {
                let rank = Rank(
                    time: change.time, revision: change.revision, lane: lane.rawValue, file: file, offset: offset,
                    index: UInt16(index))
                add(Winner(rank: rank, isDeleted: change.isDeleted, columns: change.columns), entity: change.entity)
            }
        }
        counts[lane] = count
    }

    private mutating func add(_ candidate: Winner, entity: Int) {
        while winners.count <= entity { winners.append(nil) }
        if let winner = winners[entity], !candidate.rank.beats(winner.rank) { return }
        winners[entity] = candidate
    }

    /// Writes one line per entity that some row spoke of; returns how many there are, and how many are deleted.
    func write(
        to file: inout OutputFile, retention: Int64?
    ) throws(RidesError) -> (entities: Int, tombstones: Int) {
        var (entities, tombstones) = (0, 0)
        var line = JSONText()
        for case .some(let winner) in winners {
            entities += 1
            if winner.isDeleted { tombstones += 1 }
            line.removeAll()
            line.open("{")
            line.member("entity", winner.columns.entity)
            line.member("deleted", winner.isDeleted)
            line.member("version", winner.rank.version.description)
            line.member("expires", retention.map { winner.rank.time + $0 })
            line.name("columns")
            line.open("{")
            if !winner.isDeleted { winner.columns.write(to: &line) }
            line.close("}")
            line.close("}")
            line.newline()
            try file.append(line.bytes)
        }
        return (entities, tombstones)
    }
}
