import SluiceCore
import Testing

@testable import SluiceFiles

@Suite struct RescanScheduleTests {
    private func due(_ schedule: RescanSchedule, from start: Int) -> Int {
        (start...).first { schedule.isDue(time($0)) }!
    }

    private func time(_ milliseconds: Int) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(milliseconds) * 1_000_000)
    }

    @Test func `listings grow rarer while nothing changes, to one a second`() {
        var schedule = RescanSchedule()
        #expect(schedule.isDue(time(0)))
        var now = 0
        var pauses: [Int] = []
        for changed in [true, true, false, false, false, false, false, true] {
            schedule.scanned(from: time(now), to: time(now), changed: changed)
            let next = due(schedule, from: now)
            pauses.append(next - now)
            now = next
        }
        #expect(pauses == [100, 100, 200, 400, 800, 1000, 1000, 100])
    }

    @Test func `a listing that takes long pauses nine times as long`() {
        var schedule = RescanSchedule()
        schedule.scanned(from: time(0), to: time(200), changed: true)
        #expect(due(schedule, from: 200) == 2000)
    }
}
