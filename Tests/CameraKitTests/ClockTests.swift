// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Cameras whose clock jumps: rules, times and files go on as if it had not.
@Suite struct ClockTests {
    /// A source whose frames are 40 ms apart, but for those whose times the test moves.
    private final class JumpingSource: VideoSource {
        let name = "jumping"
        let canWait = true
        let streams = [VideoStream(format: .yuv420, size: Resolution(16, 16), frameRate: 25, color: .bt601)]
        private let limit: UInt64
        private let change: @Sendable (UInt64) -> Duration
        private let pool = BytePool()
        private let state = Mutex((next: UInt64(0), isInterrupted: false))

        init(limit: UInt64, change: @escaping @Sendable (UInt64) -> Duration) {
            self.limit = limit
            self.change = change
        }

        func configure(_ request: SourceConfiguration) {}
        func start() { state.withLock { $0.isInterrupted = false } }
        func interrupt() { state.withLock { $0.isInterrupted = true } }
        func stop() {}
        func close() {}

        func next(timeout: Duration?) -> SourceEvent {
            let number = state.withLock { state -> UInt64? in
                if state.isInterrupted { return nil }
                defer { state.next += 1 }
                return state.next
            }
            guard let number else { return .interrupted }
            guard number < limit else { return .ended }
            let time = Timestamp(nanoseconds: 100_000_000_000_000 + Int64(number) * 40_000_000) + change(number)
            return .frame(NumberedSource.frame(number, of: streams[0], from: pool, at: time))
        }
    }

    /// Which frames of 100 have another time, and the corrections and restarts that are counted.
    enum Jump: CaseIterable {
        case backForGood, backOnce, aheadOnce, backTwice

        func change(_ number: UInt64) -> Duration {
            switch self {
            case .backForGood: number >= 30 ? .seconds(-3600) : .zero
            case .backOnce: number == 30 ? .seconds(-3600) : .zero
            case .aheadOnce: number == 30 ? .seconds(3600) : .zero
            case .backTwice: number >= 60 ? .seconds(-7200) : number >= 30 ? .seconds(-3600) : .zero
            }
        }

        var counts: [Int] {
            switch self {
            case .backForGood: [1, 1]
            case .backOnce, .aheadOnce: [1, 0]
            case .backTwice: [2, 2]
            }
        }
    }

    @Test(arguments: Jump.allCases) func rulesAndTimesGoOn(_ jump: Jump) throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(JumpingSource(limit: 100) { jump.change($0) }))
        defer { camera.close() }
        let times = Mutex<[Duration]>([])
        try camera.startRecordings([
            RecordingRequest(
                to: .path(folder.path("f-{counter}.yuv420")), splitting: .every(.seconds(1))),
            RecordingRequest(
                to: .output(ClosureOutput { _, info in times.withLock { $0.append(info.timestamp) } }),
                format: .yuv420, splitterPort: 2),
        ])
        #expect(try camera.waitRecording() == .ended)
        #expect(try camera.waitRecording(splitterPort: 2) == .ended)
        try camera.stopRecording()
        try camera.stopRecording(splitterPort: 2)
        #expect(times.withLock { $0 } == (0..<100).map { .milliseconds(40 * $0) })
        let firsts = try (1...4).map { number in
            let bytes = [UInt8](try Data(contentsOf: folder.file("f-\(number).yuv420")))
            return NumberedSource.numbers(in: bytes, frameByteCount: 384).first
        }
        #expect(firsts == [0, 25, 50, 75])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 4)
        for port in [1, 2] {
            let counts = try #require(camera.statistics.encoders[port])
            #expect([counts.timestampsCorrected, counts.clockRestarts] == jump.counts)
            #expect(counts.packetsWritten == 100)
        }
    }

    /// As on a board whose sensor begins to count anew: an hour back, for good.
    @Test func aLiveCameraGoesOnInTime() throws {
        let source = LiveSource(frameRate: 25)
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let times = Mutex<[Duration]>([])
        try camera.startRecording(
            to: .output(ClosureOutput { _, info in times.withLock { $0.append(info.timestamp) } }), format: .yuv420)
        let start = Timestamp.now
        for number in 0..<50 {
            source.sendFrame(at: start + .milliseconds(40 * number) - .seconds(number < 25 ? 0 : 3600))
            #expect(eventually { times.withLock { $0.count } == number + 1 })
        }
        try camera.stopRecording()
        #expect(times.withLock { $0 } == (0..<50).map { .milliseconds(40 * $0) })
        #expect(camera.statistics.encoders[1]?.clockRestarts == 1)
    }
}
