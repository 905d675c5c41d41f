import SluiceCore

/// The stream `drivers`: one row per driver and minute, re-fired with a higher pane when late signals come in. It is
/// realtime only.
struct DriverScript: EventScript {
    static let stream = "drivers"
    static let feature = "driver_status"
    static let lanes: [Lane] = [.realtime]
    static let faults = Fault.everywhere + [.keyFraction, .revisionNegative, .revisionTooGreat]
    static let retention: Int64? = nil

    /// The columns that `driver_status` selects.
    struct Columns: ExpectedColumns {
        let driver: Int
        let windowEnd: Int64
        let pane: UInt32
        let plate: String?
        let battery: Double?
        let odometer: Int64
        let trips: Int64
        let tags: String?

        var entity: String { String(DriverScript.key(driver)) }

        func write(to json: inout JSONText) {
            json.member("driver_id", DriverScript.key(driver))
            json.member("window_end", windowEnd)
            json.member("pane", Int64(pane))
            json.member("plate", plate ?? "unknown")
            json.member("charge", charge)
            json.member("battery", battery)
            json.member("odometer_mm", odometer)
            json.member("trips", trips)
            json.member("tags", tags)
        }

        private var charge: String {
            guard let battery else { return "unknown" }
            return battery < 0.25 ? "low" : battery < 0.75 ? "fair" : "full"
        }
    }

    /// Beyond 2^53, so that an integer which passes through a double becomes another driver.
    private static func key(_ driver: Int) -> Int64 { 9_007_199_254_740_993 + Int64(driver) }

    private let drivers: Int

    init(options: RidesOptions) { drivers = min(max(options.rows / 60, 10), 100_000) }

    mutating func write(
        _ moment: Moment, to line: inout JSONText, using random: inout RandomNumbers
    ) -> Effect<Columns> {
        let options = moment.options
        let isOffline = moment.fault == nil && random.chance(options.filteredShare)
        let driver = random.below(drivers)
        let pane: UInt32 = random.chance(0.002) ? .max : UInt32(random.below(3))
        let minute = (moment.time / 60_000_000 - Int64(random.below(3))) * 60_000
        let columns = Columns(
            driver: driver,
            windowEnd: moment.fault == .timeInFuture ? (options.anchor.microseconds + 3650 * day) / 1000 : minute,
            pane: pane, plate: random.chance(0.1) ? nil : "\(random.element(of: ["ZH", "LA", "SP"])) \(1000 + driver)",
            battery: random.chance(0.2) ? nil : random.unit(), odometer: Int64(bitPattern: random.next() >> 1),
            trips: Int64(random.below(40)) - 1,
            tags: random.chance(0.3) ? nil : random.element(of: ["[]", "[\"airport\",\"night\"]", "[1,2.50,null,{}]"]))
        write(columns, isOnline: isOffline ? (random.chance(0.5) ? false : nil) : true, moment, to: &line)

        if let fault = moment.fault { return .refused(fault.reason) }
        if isOffline { return .filtered }
        return .rows([Change(entity: driver, time: minute * 1000, revision: pane, columns: columns)])
    }

    private func write(_ columns: Columns, isOnline: Bool?, _ moment: Moment, to line: inout JSONText) {
        line.escapesBeyondASCII = false
        line.open("{")
        switch moment.fault {
        case .keyAbsent: break
        case .keyNull: line.member("driver_id", Int64?.none)
        case .keyFraction: line.member("driver_id", 12.5)
        default: line.member("driver_id", Self.key(columns.driver))
        }
        switch moment.fault {
        case .timeAbsent: break
        case .timeNull: line.member("window_end", Int64?.none)
        case .timeGarbled: line.member("window_end", "soon")
        default: line.member("window_end", columns.windowEnd)
        }
        switch moment.fault {
        case .revisionNegative: line.member("pane", -1 as Int64)
        case .revisionTooGreat: line.member("pane", 1 << 32 as Int64)
        default: line.member("pane", Int64(columns.pane))
        }
        line.member("online", isOnline)
        line.name("vehicle")
        line.open("{")
        line.member("seats", 4 as Int64)
        if let plate = columns.plate { line.member("plate", plate) }
        line.close("}")
        line.member("battery", columns.battery)
        line.member("odometer_mm", columns.odometer)
        line.member("trips", columns.trips)
        if let tags = columns.tags { line.raw("\"tags\":\(tags)") }
        line.close("}")
    }
}
