// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization
import TestSupport
import Testing

/// What subclasses of an encoder may override, as picamera's may: the camera calls it.
@Suite struct EncoderOverrideTests {
    private final class NotingEncoder: CookedVideoEncoder, @unchecked Sendable {
        // Unchecked because the superclass is open; what this class adds is behind a lock.
        private let notes = Mutex<[String]>([])

        var calls: [String] { notes.withLock { $0 } }

        private func note(_ call: String) { notes.withLock { $0.append(call) } }

        override func willStart() throws {
            note("willStart")
            try super.willStart()
        }

        override func start(_ output: OutputTarget) throws(CameraError) {
            note("start")
            try super.start(output)
        }

        override func split(
            to output: OutputTarget?, motionOutput: OutputTarget?, metadataOutput: OutputTarget?
        ) throws(CameraError) -> VideoFrame {
            note("split")
            return try super.split(to: output, motionOutput: motionOutput, metadataOutput: metadataOutput)
        }

        override func beginSplit(
            to output: OutputTarget?, motionOutput: OutputTarget?, metadataOutput: OutputTarget?
        ) throws(CameraError) -> PendingSplit {
            note("beginSplit")
            return try super.beginSplit(to: output, motionOutput: motionOutput, metadataOutput: metadataOutput)
        }

        override func requestKeyFrame() throws(CameraError) {
            note("requestKeyFrame")
            try super.requestKeyFrame()
        }

        override func stop() throws(CameraError) {
            note("stop")
            try super.stop()
        }

        override func close() throws(CameraError) {
            note("close")
            try super.close()
        }
    }

    private struct Unwilling: Error {}

    private final class UnwillingEncoder: CookedVideoEncoder, @unchecked Sendable {
        override func willStart() throws { throw Unwilling() }
    }

    private func camera() throws -> Camera {
        try Camera(.source(try TestCamera(resolution: Resolution(64, 48), frameRate: 30, pacing: .none)))
    }

    @Test func theCameraCallsWhatIsOverridden() throws {
        let camera = try camera()
        defer { camera.close() }
        let made = Mutex<NotingEncoder?>(nil)
        try camera.startRecording(to: .output(MemoryOutput()), format: .mjpeg) { configuration in
            let encoder = try NotingEncoder(configuration)
            made.withLock { $0 = encoder }
            return encoder
        }
        let encoder = try #require(made.withLock { $0 })
        try camera.requestKeyFrame()
        try camera.splitRecording(to: .output(MemoryOutput()))
        _ = try camera.beginSplit(to: .output(MemoryOutput())).wait()
        try camera.stopRecording()
        #expect(
            encoder.calls == [
                "willStart", "requestKeyFrame", "split", "beginSplit", "beginSplit", "close", "stop",
            ])
    }

    @Test func anEncoderThatIsStartedByItselfIsStartedByItsOwnMethod() throws {
        let camera = try camera()
        defer { camera.close() }
        let encoder = try NotingEncoder(
            EncoderConfiguration(parent: camera.encoderParent, splitterPort: 3, format: .mjpeg))
        for _ in 0..<2 {
            try encoder.start(.output(MemoryOutput()))
            try encoder.stop()
        }
        #expect(encoder.calls == ["start", "willStart", "stop", "start", "willStart", "stop"])
        try encoder.close()
    }

    @Test func whatKeepsAnEncoderFromStartingIsTold() throws {
        let camera = try camera()
        defer { camera.close() }
        let error = #expect(throws: CameraError.self) {
            try camera.startRecording(
                to: .output(MemoryOutput()), format: .mjpeg, encoder: { try UnwillingEncoder($0) })
        }
        #expect(error?.underlying is Unwilling)
        // The port is free.
        try camera.startRecording(to: .output(MemoryOutput()), format: .mjpeg)
        try camera.stopRecording()
    }
}
