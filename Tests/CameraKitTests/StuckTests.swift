// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Whatever does not come back is left behind in the end, and named: no wait is without an end.
@Suite(.timeLimit(.minutes(5))) struct StuckTests {
    @Test(arguments: [true, false]) func anOutputIsLeftBehindWhenTheRecordingEndsByItself(isFile: Bool) async throws {
        let live = LiveSource()
        let source: any VideoSource = isFile ? NumberedSource(limit: 3) : live
        let camera = try Camera(.source(source), stallLimit: .seconds(3600), stopTimeout: .milliseconds(200))
        let events = camera.events
        let output = BlockingOutput()
        defer { output.release() }
        try camera.startRecording(to: .output(output), format: .yuv420)
        if !isFile {
            live.sendFrame()
            output.waitUntilBlocked()
            live.send(.success(.ended))
        }
        let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(error?.code == .timedOut)
        #expect(error?.subject?.contains("BlockingOutput") == true)
        #expect(throws: CameraError.self) { try camera.stopRecording() }
        camera.close()
        var isTold = false
        for await event in events {
            if case .recordingFailed(_, let error) = event, error.code == .timedOut { isTold = true }
        }
        #expect(isTold)
    }

    @Test func aCameraThatIsLostDoesNotWaitForItsOutput() throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600), stopTimeout: .milliseconds(200))
        defer { camera.close() }
        let output = BlockingOutput()
        defer { output.release() }
        try camera.startRecording(to: .output(output), format: .yuv420)
        source.sendFrame()
        output.waitUntilBlocked()
        source.send(.failure(CameraError(.deviceLost, "taking frames", subject: "live")))
        let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(error?.code == .timedOut)
    }

    /// Slow is not stuck: each picture is written in time, all together are not.
    @Test func anOutputThatMovesIsWaitedFor() throws {
        let camera = try Camera(.source(NumberedSource(limit: 25)), stopTimeout: .seconds(2))
        defer { camera.close() }
        let written = MemoryOutput()
        let output = ClosureOutput { bytes, info in
            usleep(120_000)
            try written.write(bytes, info)
        }
        // All wait for the output when the source ends.
        try camera.startRecording(to: .output(output), format: .yuv420)
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        #expect(NumberedSource.numbers(in: written.data, frameByteCount: 384) == Array(0..<25))
    }

    /// The blame goes to what is stuck, not to what goes beside it.
    @Test(arguments: [false, true]) func theOutputBesideThePicturesIsNamed(isWrapped: Bool) throws {
        let camera = try Camera(.source(NumberedSource(limit: 3)), stopTimeout: .milliseconds(200))
        defer { camera.close() }
        let output = BlockingOutput()
        defer { output.release() }
        let beside: OutputTarget = isWrapped ? .output(try PTSOutput(to: .output(output))) : .output(output)
        let folder = try TemporaryFolder()
        try camera.startRecording(to: .path(folder.path("clip.yuv420")), metadataOutput: beside)
        let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(error?.code == .timedOut)
        #expect(error?.subject?.contains("BlockingOutput") == true, "\(String(describing: error))")
    }

    @Test func aSlowOutputIsToldWhileItWrites() async throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        let events = camera.events
        let output = BlockingOutput()
        try camera.startRecording(to: .output(output), format: .yuv420)
        source.sendFrame()
        var times: [Duration] = []
        for await case .outputSlow(1, let time) in events {
            times.append(time)
            if times.count == 2 { break }
        }
        try #require(times.count == 2)
        #expect(times[0] >= .seconds(1) && times[1] >= times[0] * 2)
        output.release()
        try camera.stopRecording()
        camera.close()
    }

    // MARK: Files that come next

    /// Opens the files after the first when it is told to.
    private final class StuckOpener: RawVideoEncoder, @unchecked Sendable {
        let isReleased = Monitor(false)
        private let opened = Atomic(0)
        /// Whether it opens a file that does not come.
        var isStuck: Bool { opened.load(ordering: .relaxed) > 1 }

        override func openOutput(_ target: OutputTarget, key: OutputKey) throws -> OpenedOutput {
            if opened.add(1, ordering: .relaxed).newValue > 1 { isReleased.wait { $0 ? () : nil } }
            return try super.openOutput(target, key: key)
        }
    }

    /// Of a file's recording the cut cannot be done without the next file.
    @Test func aNextFileThatDoesNotOpenIsNamed() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource(limit: 25)), stopTimeout: .milliseconds(200))
        defer { camera.close() }
        let encoder = Mutex<StuckOpener?>(nil)
        defer { encoder.withLock { $0 }?.isReleased.update { $0 = true } }
        try camera.startRecording(to: .path(folder.path("clip-{counter}.yuv420")), splitting: .every(.frames(10))) {
            configuration in
            let made = try StuckOpener(configuration)
            encoder.withLock { $0 = made }
            return made
        }
        let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(error?.code == .timedOut)
        #expect(error?.subject?.contains("clip-2") == true, "\(String(describing: error))")
        let bytes = [UInt8](try Data(contentsOf: folder.file("clip-1.yuv420")))
        #expect(NumberedSource.numbers(in: bytes, frameByteCount: 384) == Array(0..<10))
        encoder.withLock { $0 }?.isReleased.update { $0 = true }
        #expect(eventually { folder.hasOnly("clip-1.yuv420") })
    }

    /// A camera's recording goes on in the old file meanwhile.
    @Test func stoppingNamesTheNextFileThatDoesNotOpen() throws {
        let folder = try TemporaryFolder()
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600), stopTimeout: .milliseconds(200))
        defer { camera.close() }
        let encoder = Mutex<StuckOpener?>(nil)
        try camera.startRecording(to: .path(folder.path("clip-{counter}.yuv420")), splitting: .every(.frames(10))) {
            configuration in
            let made = try StuckOpener(configuration)
            encoder.withLock { $0 = made }
            return made
        }
        let isStuck = eventually {
            if source.waiting == 0 { source.sendFrame() }
            return encoder.withLock { $0?.isStuck == true }
        }
        #expect(isStuck)
        let error = #expect(throws: CameraError.self) { try camera.stopRecording() }
        #expect(error?.subject?.contains("clip-2") == true, "\(String(describing: error))")
        encoder.withLock { $0 }?.isReleased.update { $0 = true }
    }

    // MARK: Sources

    /// A source that keeps whoever asks for a frame.
    private final class StuckSource: VideoSource {
        let name = "stuck"
        let canWait: Bool
        let streams = [VideoStream(format: .yuv420, size: Resolution(16, 16), frameRate: 30, color: .bt601)]
        let isReleased = Monitor(false)
        let isEntered = Monitor(false)
        let isClosed = Mutex(false)

        init(canWait: Bool) { self.canWait = canWait }

        func configure(_ request: SourceConfiguration) {}
        func start() {}
        func next(timeout: Duration?) -> SourceEvent {
            isEntered.update { $0 = true }
            isReleased.wait { $0 ? () : nil }
            return .interrupted
        }
        func interrupt() {}
        func stop() {}
        func close() { isClosed.withLock { $0 = true } }
    }

    @Test func aCameraThatKeepsTheThreadIsSilent() throws {
        let source = StuckSource(canWait: false)
        let camera = try Camera(.source(source), stallLimit: .milliseconds(50), stopTimeout: .milliseconds(200))
        try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
        let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(error?.code == .timedOut)
        #expect(error?.subject == "stuck")
        // Who comes later hears of it too.
        let still = #expect(throws: CameraError.self) {
            try camera.capture(to: .output(MemoryOutput()), format: .yuv420)
        }
        #expect(still?.subject == "stuck")
        camera.close()
        source.isReleased.update { $0 = true }
    }

    @Test(arguments: [false, true]) func closingLeavesASourceThatKeepsTheThread(canWait: Bool) async throws {
        let source = StuckSource(canWait: canWait)
        let camera = try Camera(.source(source), stallLimit: .seconds(3600), stopTimeout: .milliseconds(200))
        let events = camera.events
        if canWait { try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420) }
        source.isEntered.wait { $0 ? () : nil }
        camera.close()
        var error: CameraError?
        for await event in events {
            if case .sourceFailed(let failure) = event { error = failure }
        }
        #expect(error?.code == .timedOut && error?.subject == "stuck")
        #expect(!source.isClosed.withLock { $0 })
        // It is freed as soon as it lets go.
        source.isReleased.update { $0 = true }
        #expect(eventually { source.isClosed.withLock { $0 } })
    }
}

extension TemporaryFolder {
    /// Whether it holds this file and no other.
    fileprivate func hasOnly(_ name: String) -> Bool {
        (try? FileManager.default.contentsOfDirectory(atPath: url.path)) == [name]
    }
}
