// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// Days of a camera, as fast as its pictures are taken: its times go as those of a camera do, 30 pictures a second.
///
/// It is an hour, unless `WEEK_HOURS` asks for more and for judging what the process has of the machine: `make soak` has 168 hours,
/// in a process of their own.
@Suite struct WeekTests {
    private let folder: TemporaryFolder
    private static let hours = ProcessInfo.processInfo.environment["WEEK_HOURS"].flatMap(Int.init)
    private static let fileCount = hours.map { $0 * 12 } ?? (Machine.isSanitized || Machine.isEmulated ? 2 : 12)
    private static let framesAFile = 9000

    init() throws { folder = try TemporaryFolder() }

    /// Five minutes are a file, the oldest of which go; and each has an event, with what was before it.
    @Test func whatACameraGaveIsInItsFilesOnce() async throws {
        let count = Self.fileCount * Self.framesAFile
        let camera = try Camera(.source(NumberedSource(limit: UInt64(count))))
        defer { camera.close() }
        let (files, events) = (NumberedFiles(), NumberedFiles(isGapless: false))
        let ring = try CircularOutput(.time(.seconds(60)))
        let clips = try RingClips(
            of: ring, to: folder.path("event-{counter:05d}.yuv420"), retention: Retention(files: 5),
            splitterPort: 2, onEvent: events.note, keepsFile: events.isUnread)
        var request = RecordingRequest(
            to: .path(folder.path("{counter:05d}.yuv420")), splitting: .every(.seconds(300)))
        request.retention = Retention(files: 5)
        request.keepsFile = files.isUnread
        let news = camera.events
        let following = Task {
            var sizes: [ProcessSize] = []
            for await event in news {
                guard case .fileFinished(splitterPort: 1, _) = event else { continue }
                files.note(event)
                try files.read()
                try events.read()
                if files.count % 12 == 0 { sizes.append(try ProcessSize()) }
            }
            return sizes
        }
        // All ports move together, so that the ring is never far from what this one sees.
        let watching = OutputTarget.writing { _, info in
            guard info.index % Int64(Self.framesAFile) == Int64(Self.framesAFile / 2) else { return }
            try clips.trigger(at: info.sensorTime, before: .seconds(5), after: .seconds(5))
        }
        let recordings = try camera.startRecordings([
            request, RecordingRequest(to: .output(ring), format: .yuv420, splitterPort: 2),
            RecordingRequest(to: watching, format: .yuv420, splitterPort: 3),
        ])
        for recording in recordings {
            try await recording.wait()
            try await recording.stop()
        }
        let statistics = camera.statistics
        try clips.close(timeout: .seconds(30))
        camera.close()
        let sizes = try await following.value
        try events.read()

        #expect(statistics.source.framesCaptured == count)
        #expect(statistics.source.framesLost == 0)
        for port in 1...3 {
            let encoder = try #require(statistics.encoders[port])
            #expect(encoder.packetsWritten == count)
            #expect(encoder.framesDropped + encoder.packetsDropped == 0)
        }
        #expect(files.pictures == count)
        #expect(files.names == (1...Self.fileCount).map { folder.path(Self.name("", $0)) })
        #expect(files.faults == [])
        // Each is written by a thread of its own: one may end before the one before it.
        #expect(events.names.sorted() == (1...Self.fileCount).map { folder.path(Self.name("event-", $0)) })
        #expect(events.faults == [])
        guard let hours = Self.hours else { return }
        // Beside other tests that hold the threads of tasks, files wait longer to be read, and are kept until then.
        #expect(folder.names.count <= 10)
        try judge(sizes, hours)
    }

    private static func name(_ stem: String, _ number: Int) -> String {
        let digits = "\(number)"
        return stem + String(repeating: "0", count: max(5 - digits.count, 0)) + digits + ".yuv420"
    }

    /// Memory, descriptors and threads of the last third are those of the first one, after what is needed once.
    private func judge(_ sizes: [ProcessSize], _ hours: Int) throws {
        let settled = sizes.dropFirst(hours / 10)
        let third = max(settled.count / 3, 1)
        let early = try #require(ProcessSize(leastOf: settled.prefix(third)))
        let late = try #require(ProcessSize(leastOf: settled.suffix(third)))
        print("\(hours) hours: at least \(early) in the first third, \(late) in the last")
        #expect(late.anonymousBytes <= early.anonymousBytes + 1_048_576)
        #expect(late.descriptors <= early.descriptors)
        #expect(late.threads <= early.threads)
    }
}
