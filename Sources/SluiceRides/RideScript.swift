import SluiceCore

/// The stream `rides`: each ride is requested, accepted, and completed or cancelled, and every event carries its stops.
/// The feature that reads it keeps the last event of each zone, so a record makes as many rows as it has stops, and few
/// entities take many writes.
struct RideScript: EventScript {
    static let stream = "rides"
    static let feature = "zone_demand"
    static let lanes: [Lane] = [.bootstrap, .realtime]
    static let faults = Fault.everywhere
    static let retention: Int64? = nil

    /// The columns that `zone_demand` selects.
    struct Columns: ExpectedColumns {
        let ride: Ride
        let stage: String
        let at: String
        let surge: Double?
        let place: Int
        let stop: Stop

        var entity: String { EntityText.text([Town.cities[ride.city], Town.zones[stop.zone]]) }

        func write(to json: inout JSONText) {
            json.member("city", Town.cities[ride.city])
            json.member("zone", Town.zones[stop.zone])
            json.member("at", at)
            json.member("ride_id", ride.key)
            json.member("stage", stage)
            json.member("demand", surge.map { $0 >= 1.5 ? "high" : $0 > 1 ? "raised" : "normal" })
            json.member("surge", surge)
            json.member("stop_no", Int64(place + 1))
            json.member("wait_s", stop.wait)
            json.member("amount", stop.amount)
            json.member("price", stop.price)
        }
    }

    struct Stop {
        let zone: Int
        let wait: Int64?
        let amount: Double?

        /// The price as JSON, which is also what a column of JSON text holds.
        var price: String? { amount.map { "{\"amount\":\($0),\"currency\":\"EUR\"}" } }
    }

    /// A ride under way.
    struct Ride {
        let number: Int
        let city: Int
        let stops: [Stop]
        var stage = 0

        var key: String { "ride-\(number)" }
    }

    /// Most rides that are under way at once.
    private static let openRides = 200
    private var open: [Ride] = []
    private var rides = 0
    private let zones: Int
    /// The newest event time of each entity so far, to which ties are made.
    private var newest = [Int64](repeating: 0, count: Town.cities.count * Town.zones.count)

    init(options: RidesOptions) {
        // Few rows would leave most zones with one event.
        zones = min(Town.zones.count, max(8, options.rows / 1000))
    }

    mutating func write(
        _ moment: Moment, to line: inout JSONText, using random: inout RandomNumbers
    ) -> Effect<Columns> {
        let (ride, stage) = nextEvent(cancelled: moment.options.filteredShare, using: &random)
        var time = moment.time / 1000 * 1000
        if moment.fault == .timeInFuture {
            time = moment.options.anchor.microseconds + 3650 * day
        } else if let stop = ride.stops.first, newest[Self.entity(ride, stop)] != 0,
            random.chance(moment.options.tieShare)
        {
            time = newest[Self.entity(ride, stop)]
        }
        let at = timeText(time, using: &random)
        let surge = random.chance(0.3) ? nil : 0.75 + 0.25 * Double(random.below(6))
        write(ride, stage: stage, at: at, surge: surge, moment, to: &line, using: &random)

        if let fault = moment.fault { return .refused(fault.reason) }
        if stage == "cancelled" || ride.stops.isEmpty { return .filtered }
        for stop in ride.stops { newest[Self.entity(ride, stop)] = max(newest[Self.entity(ride, stop)], time) }
        return .rows(
            ride.stops.enumerated().map { place, stop in
                Change(
                    entity: Self.entity(ride, stop), time: time,
                    columns: Columns(ride: ride, stage: stage, at: at, surge: surge, place: place, stop: stop))
            })
    }

    private static func entity(_ ride: Ride, _ stop: Stop) -> Int { ride.city * Town.zones.count + stop.zone }

    /// A new ride's request, or the next step of one that is under way.
    private mutating func nextEvent(
        cancelled: Double, using random: inout RandomNumbers
    ) -> (ride: Ride, stage: String) {
        if open.isEmpty || open.count < Self.openRides && random.chance(0.4) {
            rides += 1
            let ride = Ride(number: rides, city: random.below(Town.cities.count), stops: stops(using: &random))
            open.append(ride)
            return (ride, "requested")
        }
        let place = random.below(open.count)
        open[place].stage += 1
        let ride = open[place]
        let isCancelled = random.chance(cancelled)
        if ride.stage == 1 && !isCancelled { return (ride, "accepted") }
        open.swapAt(place, open.count - 1)
        open.removeLast()
        return (ride, isCancelled ? "cancelled" : "completed")
    }

    /// Up to four stops; now and then the same zone twice, where the later stop wins, or none at all.
    private func stops(using random: inout RandomNumbers) -> [Stop] {
        let count = random.chance(0.01) ? 0 : 1 + random.below(4)
        var stops: [Stop] = []
        for _ in 0..<count {
            let repeats = !stops.isEmpty && random.chance(0.05)
            stops.append(
                Stop(
                    zone: repeats ? stops[0].zone : random.below(zones),
                    wait: random.chance(0.2) ? nil : Int64(random.below(900)),
                    amount: random.chance(0.2) ? nil : Double(random.below(20_000)) / 100))
        }
        return stops
    }

    private func write(
        _ ride: Ride, stage: String, at: String, surge: Double?, _ moment: Moment, to line: inout JSONText,
        using random: inout RandomNumbers
    ) {
        line.escapesBeyondASCII = random.chance(0.1)
        line.open("{")
        line.member("ride_id", ride.key)
        switch moment.fault {
        case .timeAbsent: break
        case .timeNull: line.member("at", String?.none)
        case .timeGarbled: line.member("at", "2026-02-30T12:00:00Z")
        default: line.member("at", at)
        }
        // A record without stops makes no row, so what is wrong with its time would not show.
        let isFaulty = moment.fault != nil
        line.member("stage", isFaulty ? "requested" : stage)
        line.member("city", Town.cities[ride.city])
        if let surge { line.member("surge", surge) }
        line.name("stops")
        line.open("[")
        for stop in ride.stops { write(stop, to: &line) }
        if isFaulty { writeFaultyStop(moment.fault, to: &line) }
        line.close("]")
        line.close("}")
    }

    private func write(_ stop: Stop, to line: inout JSONText) {
        line.open("{")
        line.member("zone", Town.zones[stop.zone])
        if let wait = stop.wait { line.member("wait_s", wait) }
        if let price = stop.price { line.raw("\"price\":\(price)") }
        line.close("}")
    }

    /// A last stop, whose zone is missing where the key is what is wrong: it refuses the record with all its rows.
    private func writeFaultyStop(_ fault: Fault?, to line: inout JSONText) {
        switch fault {
        case .keyNull: line.raw("{\"zone\":null}")
        case .keyAbsent: line.raw("{\"wait_s\":5}")
        default: line.raw("{\"zone\":\"District 1\"}")
        }
    }
}
