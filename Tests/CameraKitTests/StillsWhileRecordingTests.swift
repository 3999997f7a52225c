// SPDX-License-Identifier: MIT

import CameraDevices
import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Pictures that are taken while a recording of numbered frames runs.
@Suite struct StillsWhileRecordingTests {
    private static let size = Resolution(320, 240)

    private func camera(fps: FrameRate) throws -> Camera {
        try Camera(
            .source(
                TestCamera(resolution: Self.size, frameRate: fps, format: .yuv420, pacing: .real, numbered: true)))
    }

    /// The number on each picture of files.
    private func numbers(_ paths: [String], size: Resolution = Self.size) throws -> [UInt32?] {
        try NumberedVideo.decode(paths.map { ($0, size) }).flatMap { video in
            #expect(video.complaints == "")
            return video.numbers
        }
    }

    /// Whether the recording has each frame that reached it, one after the other, and all of `stills`.
    private func expectComplete(_ recorded: [UInt32?], with stills: [UInt32?], _ statistics: Statistics) throws {
        let encoder = try #require(statistics.encoders[1])
        let recorded = recorded.compactMap(\.self)
        #expect(encoder.framesDropped + encoder.packetsDropped == 0)
        #expect(recorded.count == encoder.packetsWritten)
        #expect(recorded.count == encoder.framesReceived)
        // A machine that is too slow for the camera's clock loses frames before anybody gets them; those are counted.
        let gaps = zip(recorded, recorded.dropFirst()).reduce(0) { $0 + Int($1.1) - Int($1.0) - 1 }
        #expect(gaps <= statistics.source.framesLost)
        let known = Set(recorded)
        let taken = stills.compactMap(\.self)
        #expect(taken.count == stills.count)
        #expect(taken.allSatisfy(known.contains))
    }

    @Test func fiveHundredStillsAreFramesOfTheRecordingWhichLosesNone() throws {
        let folder = try TemporaryFolder()
        // A sanitizer makes the encoder slow.
        let camera = try camera(fps: Machine.isSanitized ? 15 : 60)
        defer { camera.close() }
        try camera.startRecording(to: .path(folder.path("video.mjpeg")))
        let paths = (0..<500).map { folder.path("still-\($0).jpg") }
        for path in paths { try camera.capture(to: .path(path)) }
        try camera.stopRecording()
        let stills = try stride(from: 0, to: 500, by: 100).flatMap { try numbers(Array(paths[$0..<($0 + 100)])) }
        #expect(zip(stills, stills.dropFirst()).allSatisfy { ($0 ?? 0) < ($1 ?? 0) })
        try expectComplete(try numbers([folder.path("video.mjpeg")]), with: stills, camera.statistics)
    }

    @Test func aSequenceFromTheVideoPortHasEachFrame() throws {
        let folder = try TemporaryFolder()
        let camera = try camera(fps: 30)
        defer { camera.close() }
        try camera.startRecording(to: .path(folder.path("video.mjpeg")))
        let paths = (0..<60).map { folder.path("burst-\($0).jpg") }
        try camera.captureSequence(to: paths, useVideoPort: true)
        try camera.stopRecording()
        let stills = try numbers(paths)
        // At the camera's rate: what it gave, the sequence has.
        let steps = zip(stills, stills.dropFirst()).map { Int($1 ?? 0) - Int($0 ?? 0) }
        #expect(steps.allSatisfy { $0 >= 1 })
        #expect(steps.reduce(0) { $0 + $1 - 1 } <= camera.statistics.source.framesLost + 6, "\(steps)")
        try expectComplete(try numbers([folder.path("video.mjpeg")]), with: stills, camera.statistics)
    }

    @Test func fromAnyThreadAndInAnySize() throws {
        let folder = try TemporaryFolder()
        let camera = try camera(fps: 30)
        defer { camera.close() }
        try camera.startRecording(to: .path(folder.path("video.mjpeg")))
        let failure = Mutex<CameraError?>(nil)
        let threads = try (0..<4).map { number in
            try WorkerThread("still-\(number)") {
                let size = number % 2 == 0 ? nil : Resolution(640, 480)
                for still in 0..<10 {
                    do throws(CameraError) {
                        try camera.capture(
                            to: .path(folder.path("\(number)-\(still).jpg")), resize: size, splitterPort: 2 + number)
                    } catch {
                        failure.withLock { $0 = error }
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        try camera.stopRecording()
        #expect(failure.withLock(\.self) == nil)
        var stills: [UInt32?] = []
        for number in 0..<4 {
            let paths = (0..<10).map { folder.path("\(number)-\($0).jpg") }
            let own = try numbers(paths, size: number % 2 == 0 ? Self.size : Resolution(640, 480))
            #expect(zip(own, own.dropFirst()).allSatisfy { ($0 ?? 0) < ($1 ?? 0) })
            stills += own
        }
        try expectComplete(try numbers([folder.path("video.mjpeg")]), with: stills, camera.statistics)
    }
}
