// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// The handle of a recording, and its twins for async functions.
@Suite(.timeLimit(.minutes(10))) struct RecordingTests {
    @Test func theHandleAndThePortAreOne() throws {
        let camera = try Camera(.source(NumberedSource(limit: 40)))
        defer { camera.close() }
        let first = MemoryOutput()
        let recording = try camera.startRecording(to: .output(first), format: .yuv420, splitterPort: 3)
        #expect(recording.splitterPort == 3 && recording.camera === camera)
        #expect(try camera.recording(splitterPort: 3).splitterPort == 3)
        #expect(try recording.wait() == .ended)
        #expect(recording.state == .ended && recording.error == nil && recording.outputs.isEmpty)
        #expect(recording.statistics.packetsWritten == 40 && recording.frame?.index == 39)
        try recording.stop()
        let error = #expect(throws: CameraError.self) { try camera.recording(splitterPort: 3) }
        #expect(error?.code == .notRecording)
    }

    /// A pause leaves no gap in the times, and what is left out is counted by nobody who recorded.
    @Test func aPauseLeavesNoGap() throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let infos = Mutex<[PacketInfo]>([])
        let output = ClosureOutput { _, info in infos.withLock { $0.append(info) } }
        let recording = try camera.startRecording(to: .output(output), format: .yuv420)
        let start = Timestamp.now
        func send(_ count: Int, after time: Duration) {
            for number in 0..<count {
                source.sendFrame(at: start + time + .milliseconds(33) * number)
                #expect(eventually { source.waiting == 0 })
            }
        }
        send(3, after: .zero)
        #expect(eventually { infos.withLock { $0.count } == 3 })
        try recording.pause()
        #expect(recording.isPaused && recording.state == .running)
        try recording.pause()
        send(30, after: .milliseconds(99))
        try recording.resume()
        #expect(!recording.isPaused)
        send(3, after: .seconds(2))
        #expect(eventually { infos.withLock { $0.count } == 6 })
        try recording.stop()
        let all = infos.withLock { $0 }
        #expect(all.map(\.index) == [0, 1, 2, 3, 4, 5])
        let steps = zip(all, all.dropFirst()).map { $1.timestamp - $0.timestamp }
        #expect(steps.allSatisfy { $0 >= .milliseconds(33) && $0 < .milliseconds(34) }, "\(steps)")
        #expect(recording.statistics.framesReceived == 6)
        #expect(camera.statistics.source.framesCaptured == 36 && camera.statistics.source.framesUnused == 30)
    }

    @Test func aPausedFileStandsStill() throws {
        let camera = try Camera(.source(NumberedSource(limit: 500)))
        defer { camera.close() }
        let output = MemoryOutput()
        let recording = try camera.startRecording(to: .output(output), format: .yuv420)
        for _ in 0..<50 {
            try recording.pause()
            try recording.resume()
        }
        #expect(try recording.wait() == .ended)
        try recording.stop()
        #expect(NumberedSource.numbers(in: output.data, frameByteCount: 384) == Array(0..<500))
    }

    #if X264
    @Test func theBitRateOfARecordingChanges() throws {
        let camera = try Camera(
            .source(try TestCamera(resolution: Resolution(320, 240), frameRate: 30, pacing: .none)))
        defer { camera.close() }
        let sizes = Mutex<[Int]>([])
        let output = ClosureOutput { bytes, _ in sizes.withLock { $0.append(bytes.byteCount) } }
        let recording = try camera.startRecording(
            to: .output(output), format: .h264, options: EncoderOptions { $0.bitRate = 200_000 })
        #expect(eventually { sizes.withLock { $0.count } > 200 })
        try recording.setBitRate(2_000_000)
        let count = sizes.withLock { $0.count }
        #expect(eventually { sizes.withLock { $0.count } > count + 200 })
        try recording.stop()
        let all = sizes.withLock { $0 }
        let (before, after) = (all[100..<200].reduce(0, +), all[(count + 100)..<(count + 200)].reduce(0, +))
        #expect(after > 4 * before, "\(before), \(after)")
        let error = #expect(throws: CameraError.self) { try recording.setBitRate(1) }
        #expect(error?.code == .notRecording)
    }
    #endif

    @Test func rawPicturesHaveNoBitRate() throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let recording = try camera.startRecording(to: .output(ClosureOutput { _, _ in }), format: .yuv420)
        let error = #expect(throws: CameraError.self) { try recording.setBitRate(1_000_000) }
        #expect(error?.code == .unsupported)
        try recording.stop()
    }

    /// No thread of the pool waits: there are two of them.
    @Test func twoHundredTasksWaitAtOnce() async throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let recording = try camera.startRecording(to: .output(ClosureOutput { _, _ in }), format: .yuv420)
        let states = try await withThrowingTaskGroup(of: RecordingState.self) { group in
            for _ in 0..<200 { group.addTask { try await recording.wait(.seconds(3600)) } }
            try await Task.sleep(for: .milliseconds(50))
            source.sendFrame()
            source.send(.success(.ended))
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(states == Array(repeating: .ended, count: 200))
    }

    /// A cancelled wait ends at once, and the recording goes on.
    @Test func aCancelledWaitLeavesTheRecordingAlone() async throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let recording = try camera.startRecording(to: .output(ClosureOutput { _, _ in }), format: .yuv420)
        let waits = (0..<20).map { _ in Task { try await recording.wait(.seconds(3600)) } }
        try await Task.sleep(for: .milliseconds(20))
        let start = ContinuousClock.now
        for wait in waits { wait.cancel() }
        for wait in waits {
            let error = await #expect(throws: CameraError.self) { try await wait.value }
            #expect(error?.code == .cancelled)
        }
        print("cancelled: 20 waits ended after \(ContinuousClock.now - start)")
        #expect(recording.state == .running)
        #expect(try await recording.wait(.milliseconds(1)) == .running)
        try await recording.stop()
        #expect(recording.state == .ended)
    }

    @Test func aTaskIsSuspendedWhileItSplits() async throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let recording = try camera.startRecording(to: .output(ClosureOutput { _, _ in }), format: .yuv420)
        let frame = try await recording.split(to: .output(ClosureOutput { _, _ in }))
        #expect(frame.type == .key && frame.position == 0)
        try await recording.stop()
    }
}
