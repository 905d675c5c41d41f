public import SluiceCore
internal import SluicePipeline

/// Tells how far a drain is, from one look at the gateways to the next: rows settled, rate, share and time left.
///
///     online 62% 19,840/s 0:41 left · profiles 48% 9,120/s 1:12 left · lake done
public struct DrainProgress: Sendable {
    private struct Mark {
        let time: MonotonicTime
        let rows: Int
        let bytes: UInt64
    }

    /// How far back the rate looks.
    private static let span: Duration = .seconds(5)
    private var marks: [String: [Mark]] = [:]

    public init() {}

    /// Takes note of where the gateways are now, and says so in one line.
    public mutating func line(_ statuses: [GatewayStatus]) -> String { line(statuses, now: .now) }

    mutating func line(_ statuses: [GatewayStatus], now: MonotonicTime) -> String {
        statuses.map { part($0, now: now) }.joined(separator: " · ")
    }

    private mutating func part(_ status: GatewayStatus, now: MonotonicTime) -> String {
        let rows = status.lanes.reduce(0) { $0 + $1.totals.settled }
        let backlogs = status.lanes.compactMap(\.backlog)
        let settled = backlogs.reduce(0) { $0 + $1.settledBytes }
        let total = backlogs.reduce(0) { $0 + $1.totalBytes }
        var history = marks[status.sink, default: []].filter { now - $0.time <= Self.span }
        history.append(Mark(time: now, rows: rows, bytes: settled))
        marks[status.sink] = history

        if let trouble = status.trouble { return "\(status.sink): \(trouble)" }
        if total > 0, settled >= total { return "\(status.sink) done, \(Self.grouped(rows)) rows" }
        let seconds = (now - history[0].time).inSeconds
        guard seconds > 0 else { return "\(status.sink) \(Self.share(settled, of: total))" }
        let rate = Double(rows - history[0].rows) / seconds
        // A file that was rotated away takes its bytes with it, so a difference may be negative.
        let bytesPerSecond = (Double(settled) - Double(history[0].bytes)) / seconds
        let left = bytesPerSecond > 0 ? " " + Self.clock(Double(total - settled) / bytesPerSecond) + " left" : ""
        return "\(status.sink) \(Self.share(settled, of: total)) \(Self.grouped(Int(rate)))/s\(left)"
    }

    private static func share(_ part: UInt64, of whole: UInt64) -> String {
        whole == 0 ? "0%" : "\(Int(Double(part) / Double(whole) * 100))%"
    }

    /// Minutes and seconds, or hours before them: `0:41`, `2:05:00`.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        let (minutes, second) = (whole / 60 % 60, whole % 60)
        let tail = (second < 10 ? ":0" : ":") + String(second)
        return whole < 3600 ? "\(minutes)\(tail)" : "\(whole / 3600):\(minutes < 10 ? "0" : "")\(minutes)\(tail)"
    }

    /// With a comma before every three digits: `19,840`.
    public static func grouped(_ number: Int) -> String {
        var text = ""
        for (place, digit) in String(number.magnitude).reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + String(text.reversed())
    }
}
