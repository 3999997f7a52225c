// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization
import TestSupport
import Testing

/// Sources of the user's that tell what cannot be: nothing of it may trap.
@Suite struct HostileSourceTests {
    /// Gives events that the test has made.
    private final class ScriptedSource: VideoSource {
        let name = "scripted"
        let canWait = true
        let streams: [VideoStream]
        let counts: SourceCounts
        private let events: Mutex<[SourceEvent]>

        init(_ streams: [VideoStream], counts: SourceCounts = SourceCounts(), events: [SourceEvent] = []) {
            self.streams = streams
            self.counts = counts
            self.events = Mutex(events.reversed())
        }

        func configure(_ request: SourceConfiguration) {}
        func start() {}
        func interrupt() {}
        func stop() {}
        func close() {}
        func next(timeout: Duration?) -> SourceEvent { events.withLock { $0.popLast() } ?? .ended }
    }

    private static let stream = VideoStream(
        format: .yuv420, size: Resolution(16, 16), frameRate: 30, color: .bt601)

    private static func frame(_ sequence: UInt64, at nanoseconds: Int64, wall: Int64 = 0) -> SourceEvent {
        let pool = BytePool()
        guard let bytes = pool.take(384) else { return .damaged(1) }
        bytes.baseAddress.initializeMemory(as: UInt8.self, repeating: 128, count: 384)
        return .frame(
            Frame(
                packed: .yuv420, size: stream.size, color: .bt601,
                info: FrameInfo(
                    timestamp: Timestamp(nanoseconds: nanoseconds),
                    wallTime: WallTime(nanosecondsSince1970: wall), sequence: sequence), bytes: bytes))
    }

    @Test func numbersTimesAndCountsAreWhatever() throws {
        let events: [SourceEvent] = [
            Self.frame(0, at: 0, wall: .min), .damaged(.max), Self.frame(1 << 63, at: .max, wall: .max),
            .damaged(.max), .damaged(.min), Self.frame(.max, at: .min), Self.frame(1, at: -1, wall: -1),
            Self.frame(3, at: 33_333_333), Self.frame(.max - 1, at: 66_666_666),
        ]
        var counts = SourceCounts()
        counts.framesNotCopied = .max
        let camera = try Camera(.source(ScriptedSource([Self.stream], counts: counts, events: events)))
        defer { camera.close() }
        let folder = try TemporaryFolder()
        let indices = Mutex<[Int64]>([])
        try camera.startRecordings([
            RecordingRequest(
                to: .path(folder.path("{timestamp:%f}-{counter}.yuv420")), splitting: .every(.frames(2)),
                metadataOutput: .path(folder.path("{counter}.json"))),
            RecordingRequest(
                to: .output(ClosureOutput { _, info in indices.withLock { $0.append(info.index) } }),
                format: .yuv420, splitterPort: 2),
        ])
        #expect(try camera.waitRecording() == .ended)
        #expect(try camera.waitRecording(splitterPort: 2) == .ended)
        try camera.stopRecording()
        try camera.stopRecording(splitterPort: 2)
        let statistics = camera.statistics
        #expect(statistics.encoders[1]?.packetsWritten == 6)
        #expect(statistics.source.framesDamaged == .max)
        // A count that begins anew, or that is further ahead than any driver loses frames, is no loss.
        #expect(indices.withLock { $0 } == [0, 1, 2, 3, 5, 6])
    }

    @Test(
        "Streams that cannot be are refused",
        arguments: [
            [], [VideoStream(format: .yuv420, size: Resolution(0, 16), frameRate: 30, color: .bt601)],
            [VideoStream(format: .yuv420, size: Resolution(16, .max), frameRate: 30, color: .bt601)],
            [VideoStream(format: .yuv420, size: Resolution(16, 16), frameRate: 0, color: .bt601)],
            [stream, VideoStream(format: .mjpeg, size: Resolution(-1, 16), frameRate: 30, color: .bt601)],
        ])
    func streams(streams: [VideoStream]) {
        let error = #expect(throws: CameraError.self) { try Camera(.source(ScriptedSource(streams))) }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("scripted") == true)
    }

    @Test func schedulesOfAnyLengthCanBeFollowed() throws {
        for interval in [Duration.nanoseconds(1), .nanoseconds(1) / 1000, .seconds(Int64.max)] {
            var schedule = try ShotSchedule(every: interval)
            for (taken, now) in [(Int64.min, Int64.max), (0, .max), (.max, .min), (1, 2)] {
                _ = schedule.advance(
                    takenAt: Timestamp(nanoseconds: taken), now: Timestamp(nanoseconds: now))
                #expect(schedule.due != nil)
            }
        }
    }
}
