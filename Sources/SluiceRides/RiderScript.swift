import SluiceCore

/// The stream `riders`: what a job counts about each rider, now and then; riders leave, and some come back.
struct RiderScript: EventScript {
    static let stream = "riders"
    static let feature = "rider_activity"
    static let lanes: [Lane] = [.bootstrap, .realtime]
    static let faults = Fault.everywhere
    static let retention: Int64? = 30 * day

    /// The columns that `rider_activity` selects.
    struct Columns: ExpectedColumns {
        let rider: Int
        let occurredAt: String
        let city: Int
        let name: Int
        let rides: Int64?
        let spend: Double
        let rating: Double?
        let homeZone: Int?
        let isDeleted: Bool?

        var entity: String { RiderScript.key(rider) }

        func write(to json: inout JSONText) {
            json.member("rider_id", entity)
            json.member("occurred_at", occurredAt)
            json.member("city", Town.lowercasedInASCII(Town.cities[city]))
            json.member("name", Town.names[name])
            json.member("rides_30d", rides)
            json.member("spend_30d", spend)
            json.member("rating", rating)
            json.member("home_zone", homeZone.map { Town.zones[$0] })
            json.memberOfSQL("is_deleted", isDeleted)
        }
    }

    private let riders: Int
    /// The newest event time of each rider so far, to which ties are made.
    private var newest: [Int64]
    private var expiredRiders = 0

    init(options: RidesOptions) {
        riders = min(max(options.rows / 20, 20), 250_000)
        newest = Array(repeating: 0, count: riders)
    }

    private static func key(_ rider: Int) -> String { "r-\(rider)" }

    mutating func write(
        _ moment: Moment, to line: inout JSONText, using random: inout RandomNumbers
    ) -> Effect<Columns> {
        let options = moment.options
        let isTest = moment.fault == nil && random.chance(options.filteredShare)
        // Rows of the far past come by bootstrap, each of a rider of whom nothing else is known.
        let isExpired = moment.fault == nil && !isTest && moment.lane == .bootstrap && random.chance(0.002)
        let rider = random.below(riders)
        var time = moment.time
        if isExpired {
            time = options.anchor.microseconds - 31 * day - Int64(random.below(Int(60 * day)))
            expiredRiders += 1
        } else if moment.fault == .timeInFuture {
            time = options.anchor.microseconds + 3650 * day
        } else if newest[rider] != 0, random.chance(options.tieShare) {
            time = newest[rider]
        }
        let columns = Columns(
            rider: rider, occurredAt: timeText(time, using: &random), city: random.below(Town.cities.count),
            name: random.below(Town.names.count), rides: random.chance(0.05) ? nil : Int64(random.below(400)),
            spend: Self.spend(using: &random), rating: random.chance(0.3) ? nil : 1 + 4 * random.unit(),
            homeZone: random.chance(0.4) ? nil : random.below(Town.zones.count),
            isDeleted: random.chance(options.deletedShare) ? true : random.chance(0.5) ? false : nil)
        let key = isExpired ? "left-\(expiredRiders)" : Self.key(rider)
        write(columns, key: key, status: Self.status(isTest: isTest, using: &random), moment, to: &line, using: &random)

        if let fault = moment.fault { return .refused(fault.reason) }
        if isTest { return .filtered }
        if isExpired { return .expired }
        newest[rider] = max(newest[rider], time)
        return .rows([Change(entity: rider, time: time, isDeleted: columns.isDeleted == true, columns: columns)])
    }

    /// A test row has the status `test`, or none: `NULL <> 'test'` is not true.
    private static func status(isTest: Bool, using random: inout RandomNumbers) -> String? {
        guard isTest else { return random.element(of: ["active", "new", "Test"]) }
        return random.chance(0.7) ? "test" : nil
    }

    /// Money with cents, and now and then a number that must be written with an exponent.
    private static func spend(using random: inout RandomNumbers) -> Double {
        switch random.below(50) {
        case 0: random.unit() * 1e-9
        case 1: random.unit() * 1e300
        default: Double(random.below(100_000)) / 100
        }
    }

    private func write(
        _ columns: Columns, key: String, status: String?, _ moment: Moment, to line: inout JSONText,
        using random: inout RandomNumbers
    ) {
        line.escapesBeyondASCII = random.chance(0.1)
        line.open("{")
        // What is filtered is never refused, so a test row may lack its key.
        let lacksKey = status == nil && moment.fault == nil && random.chance(0.2)
        if moment.fault != .keyAbsent {
            line.member("rider_id", moment.fault == .keyNull || lacksKey ? nil : key)
        }
        switch moment.fault {
        case .timeAbsent: break
        case .timeNull: line.member("occurred_at", String?.none)
        case .timeGarbled: line.member("occurred_at", "yesterday, about noon")
        default: line.member("occurred_at", columns.occurredAt)
        }
        if status != nil || random.chance(0.5) { line.member("status", status) }
        line.member("city", Town.cities[columns.city])
        line.member("name", Town.names[columns.name])
        if columns.rides != nil || random.chance(0.5) { line.member("rides_30d", columns.rides) }
        line.member("spend_30d", columns.spend)
        line.member("rating", columns.rating)
        if let zone = columns.homeZone {
            line.name("home")
            line.open("{")
            line.member("zone", Town.zones[zone])
            line.member("since", Int64(2015 + zone % 10))
            line.close("}")
        } else if random.chance(0.5) {
            line.raw(random.chance(0.5) ? "\"home\":null" : "\"home\":{\"zone\":null}")
        }
        if let isDeleted = columns.isDeleted { line.member("is_deleted", isDeleted) }
        line.close("}")
    }
}

/// In microseconds.
let day: Int64 = 86_400_000_000
