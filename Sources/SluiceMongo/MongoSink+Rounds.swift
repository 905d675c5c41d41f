internal import SluiceCore

/// Rows of one batch that go in one bulk: of one feature version and lane, and no two of one entity.
struct MongoGroup {
    let featureVersion: FeatureVersion
    let lane: Lane
    /// Places in the batch.
    var rows: [Int]

    var collection: String { "\(featureVersion.feature)_v\(featureVersion.version)" }
}

/// Divides a batch into rounds, so that several rows of one entity act as if written one by one.
///
/// Each round holds at most one row of an entity, the rounds come one after the other, and within a round rows are
/// grouped by feature version and lane, since counts are kept by those. With all entities different, which is usual,
/// there is one round.
struct MongoRounds: Sequence, IteratorProtocol {
    private struct Place: Hashable {
        let featureVersion: FeatureVersion
        let entityHash: UInt64
    }

    private struct Key: Hashable {
        let featureVersion: FeatureVersion
        let lane: Lane
    }

    private let rows: [Row]
    private var rest: [Int]

    /// - Parameter selected: the places of the rows that are to be written.
    init(_ rows: [Row], selected: [Int]) {
        self.rows = rows
        rest = selected
    }

    mutating func next() -> [MongoGroup]? {
        guard !rest.isEmpty else { return nil }
        var groups: [MongoGroup] = []
        var groupOf: [Key: Int] = [:]
        var seen: Set<Place> = []
        var later: [Int] = []
        for index in rest {
            let row = rows[index]
            let featureVersion = row.schema.featureVersion
            // Two entities of one hash merely go in two rounds.
            guard seen.insert(Place(featureVersion: featureVersion, entityHash: row.entityHash)).inserted else {
                later.append(index)
                continue
            }
            let key = Key(featureVersion: featureVersion, lane: row.lane)
            if let group = groupOf[key] {
                groups[group].rows.append(index)
            } else {
                groupOf[key] = groups.count
                groups.append(MongoGroup(featureVersion: featureVersion, lane: row.lane, rows: [index]))
            }
        }
        rest = later
        return groups
    }
}
