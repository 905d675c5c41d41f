import SluiceCore

/// Writes the files of one stream, in order of lane and name, and keeps its feature's expectation.
struct StreamWriter<Script: EventScript> {
    /// Records that may be repeated, the most recent ones.
    private static var repeatable: Int { 32 }

    private let options: RidesOptions
    private var random: RandomNumbers
    private var script: Script
    private var recent: [(line: [UInt8], effect: Effect<Script.Columns>)] = []
    private(set) var expectation = Expectation<Script.Columns>()

    init(options: RidesOptions) {
        self.options = options
        script = Script(options: options)
        let salt = Script.stream.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) }
        random = RandomNumbers(seed: options.seed, salt: salt)
    }

    /// Writes one file: the records of `range` out of `total` in the lane, framed by control records in a bootstrap.
    mutating func write(
        _ range: Range<Int>, of total: Int, lane: Lane, part: Int, to folder: String,
        progress: (_ written: Int) -> Void
    ) throws(RidesError) {
        let digits = String(part)
        let number = String(repeating: "0", count: 5 - digits.utf8.count) + digits
        var file = try OutputFile(path: "\(folder)/\(lane == .bootstrap ? "part" : "events")-\(number).ndjson")
        if lane == .bootstrap { try file.append(control("begin", part: part, count: nil)) }
        for place in range {
            let (line, effect) = nextRecord(lane: lane, progress: Double(place) / Double(total))
            expectation.add(effect, lane: lane, file: UInt32(part), offset: file.offset)
            try file.append(line)
            if (place - range.lowerBound) % 4096 == 4095 { progress(place - range.lowerBound + 1) }
        }
        if lane == .bootstrap { try file.append(control("end", part: part, count: range.count)) }
        try file.finish()
        progress(range.count)
    }

    /// A record with its end of line: a new one, or one that was written before.
    private mutating func nextRecord(
        lane: Lane, progress: Double
    ) -> (line: [UInt8], effect: Effect<Script.Columns>) {
        if !recent.isEmpty, random.chance(options.duplicateShare) { return random.element(of: recent) }
        let fault = random.chance(options.refusedShare) ? random.element(of: Script.faults) : nil
        let moment = Moment(lane: lane, time: time(lane: lane, progress: progress), fault: fault, options: options)
        var text = JSONText()
        let effect = script.write(moment, to: &text, using: &random)
        if let fault { text.spoil(fault, using: &random) }
        text.newline()
        remember(text.bytes, effect)
        return (text.bytes, effect)
    }

    /// The event time of a record that stands so far along its lane. A bootstrap spans 20 days up to an hour before
    /// the anchor, realtime the last two days, so that the two race for the entities of both.
    private mutating func time(lane: Lane, progress: Double) -> Int64 {
        let anchor = options.anchor.microseconds
        let (start, end) = lane == .bootstrap ? (anchor - 20 * day, anchor - day / 24) : (anchor - 2 * day, anchor)
        let reached = start + Int64(Double(end - start) * progress)
        let back = random.chance(options.lateShare) ? (random.chance(0.3) ? 3 * day : day / 8) : 60_000_000
        return max(reached - Int64(random.below(Int(back))), anchor - 20 * day)
    }

    private mutating func remember(_ line: [UInt8], _ effect: Effect<Script.Columns>) {
        // A row that is expired is the only one of its entity; a repeat would make it two.
        if case .expired = effect { return }
        guard recent.count == Self.repeatable else {
            recent.append((line, effect))
            return
        }
        if random.chance(0.25) { recent[random.below(Self.repeatable)] = (line, effect) }
    }

    private func control(_ kind: String, part: Int, count: Int?) -> [UInt8] {
        var json = JSONText()
        json.open("{")
        json.member("_sluice", kind)
        json.member("run", "seed-\(options.seed)")
        json.member("part", Int64(part))
        if let count { json.member("count", Int64(count)) } else { json.member("parts", Int64(options.parts)) }
        json.close("}")
        json.newline()
        return json.bytes
    }
}
