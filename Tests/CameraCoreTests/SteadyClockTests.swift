// SPDX-License-Identifier: MIT

import CameraCore
import Testing

/// The times are in milliseconds after 100,000 s; frames come 40 ms apart.
@Suite struct SteadyClockTests {
    private static let hour = 3_600_000
    private static let wallOrigin: Int64 = 1_700_000_000_000_000_000

    private struct Result: Equatable {
        var times: [Int] = []
        var walls: [Int] = []
        var corrected = 0
        var restarts = 0
    }

    /// What a clock makes of these times; wall times go with them, and arrivals are as given, or tell nothing.
    private func run(_ stamps: [Int], canWait: Bool, arrivals: [Int]? = nil, checked: Bool = false) -> Result {
        var clock = SteadyClock(frameRate: 25, canWait: canWait)
        var result = Result()
        for (index, stamp) in stamps.enumerated() {
            let time = Int64(stamp) * 1_000_000
            var info = FrameInfo(
                timestamp: Timestamp(nanoseconds: 100_000_000_000_000 + time),
                wallTime: WallTime(nanosecondsSince1970: Self.wallOrigin + time), sequence: UInt64(index))
            info.hasCheckedTime = checked
            let arrival = Timestamp(nanoseconds: Int64(arrivals?[index] ?? 0) * 1_000_000)
            let reading = clock.advance(to: info, arrival: arrival)
            result.times.append(Int((reading.info.timestamp.nanoseconds - 100_000_000_000_000) / 1_000_000))
            result.walls.append(Int((reading.info.wallTime.nanosecondsSince1970 - Self.wallOrigin) / 1_000_000))
            if reading.isCorrected { result.corrected += 1 }
            if reading.hasRestarted { result.restarts += 1 }
        }
        return result
    }

    @Test(
        "A clock that restarts is followed one frame later",
        arguments: [(-hour, false), (-hour, true), (hour, false), (-2000, true), (-500, false), (2000, false)])
    func restarts(jump: Int, canWait: Bool) {
        let stamps = [0, 40, 80] + [120, 160, 200].map { $0 + jump }
        let result = run(stamps, canWait: canWait)
        #expect(result == Result(times: [0, 40, 80, 120, 160, 200], walls: result.times, corrected: 1, restarts: 1))
    }

    @Test(
        "A single time out of line is put between its neighbours",
        arguments: [(hour, false), (hour, true), (-hour, false), (-hour, true), (3000, false), (-20_000, true)])
    func outliers(jump: Int, canWait: Bool) {
        let result = run([0, 40, 80 + jump, 120, 160 - jump, 200], canWait: canWait)
        #expect(result == Result(times: [0, 40, 80, 120, 160, 200], walls: result.times, corrected: 2, restarts: 0))
    }

    @Test("A restart after a restart, and a first time that is wrong")
    func repeatedRestarts() {
        let result = run([Self.hour, 0, 40, 80, -Self.hour, 40 - Self.hour, 80 - Self.hour], canWait: false)
        #expect(result.times == [0, 40, 80, 120, 160, 200, 240].map { $0 + Self.hour })
        #expect(result.corrected == 2 && result.restarts == 2)
    }

    @Test("A small slip and a repeat are moved one microsecond on")
    func slips() {
        let result = run([0, 40, 40, 20, 80], canWait: false)
        #expect(result.times == [0, 40, 40, 40, 80])
        #expect(result.corrected == 2 && result.restarts == 0)
    }

    @Test("A gap is one where as much time has passed, or where the source has seen to its times")
    func gaps() {
        let stamps = [0, 40, 80, 60_000, 60_040, 90_000]
        #expect(run(stamps, canWait: false, arrivals: stamps) == Result(times: stamps, walls: stamps))
        #expect(run(stamps, canWait: true, checked: true) == Result(times: stamps, walls: stamps))
    }

    @Test("Frames of a source that waits may lie far apart, which the second one tells")
    func gapsWithoutArrival() {
        let hours = (0..<5).map { $0 * Self.hour }
        #expect(run(hours, canWait: true).times == [0, 40] + hours[2...])
    }

    @Test("The largest and smallest times there are trap nowhere")
    func extremes() {
        var clock = SteadyClock(frameRate: 25, canWait: false)
        var last = Int64.min
        for stamp in [Int64.max, .min, 0, .min, .max, .max, .min, -1, 1] {
            let info = FrameInfo(
                timestamp: Timestamp(nanoseconds: stamp), wallTime: WallTime(nanosecondsSince1970: stamp), sequence: 0)
            last = max(last, clock.advance(to: info, arrival: Timestamp(nanoseconds: stamp)).info.timestamp.nanoseconds)
        }
        #expect(last > 0)
    }
}
