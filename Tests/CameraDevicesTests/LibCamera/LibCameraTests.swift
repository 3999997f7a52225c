// SPDX-License-Identifier: MIT

import CLibCamera
import CameraCore
import CameraDevices
import SystemPackage
import TestSupport
import Testing
import V4L2

/// Everything that runs on the scripted libcamera, one test after the other.
@Suite(.serialized) enum ScriptedLibCameraTests {
    /// Opens the scripted camera.
    static func open(
        _ shim: LibCameraShim, _ id: String? = nil, _ configuration: LibCameraConfiguration = LibCameraConfiguration(),
        copyLimit: Int = 32, calls: SystemCalls = .linux
    ) throws(CameraError) -> LibCamera {
        try LibCamera(
            id, configuration: configuration, copyLimit: copyLimit, use: try LibCameraUse(shim), calls: calls)
    }

    /// A main, a small and a raw stream.
    static let three = LibCameraConfiguration(streams: [
        .init(.video, resolution: Resolution(64, 48)), .init(.viewfinder, resolution: Resolution(32, 24)), .init(.raw),
    ])

    @Suite struct LibCameraTests {
        /// The next frame; it is a failure when there is none.
        private func next(_ camera: LibCamera) throws -> Frame {
            guard case .frame(let frame) = try camera.next(timeout: .seconds(10)) else { throw NoFrame() }
            return frame
        }

        private struct NoFrame: Error {}

        @Test func framesOfARequestShareItsNumberTimeAndMetadata() throws {
            let camera = try open(ScriptedLibCamera.reset(), nil, three)
            defer { camera.close() }
            #expect(camera.name == "libcamera:/base/camera@1")
            #expect(camera.streams.map(\.size) == [Resolution(64, 48), Resolution(32, 24), Resolution(64, 48)])
            #expect(camera.streams.map(\.format) == [.nv12, .nv12, PixelFormat(fourCC: "pRAA")])
            #expect(camera.streams[0].color == .bt709)
            try camera.start()
            ScriptedLibCamera.complete(7, at: 5_000_000) { completion in
                completion.streams.1.sequence = 20
                completion.metadata.exposure_time = 10_000
                completion.metadata.red_gain = 1.5
                completion.metadata.blue_gain = 2
                completion.metadata.color_temperature = 4500
                completion.metadata.known = UInt32(
                    CLC_KNOWS_EXPOSURE_TIME | CLC_KNOWS_COLOR_GAINS | CLC_KNOWS_COLOR_TEMPERATURE)
            }
            let frames = [try next(camera), try next(camera), try next(camera)]
            #expect(frames.map(\.info.stream) == [0, 1, 2])
            #expect(frames.map(\.info.request) == [7, 7, 7])
            #expect(frames.map(\.info.sequence) == [7, 20, 7])
            #expect(frames.map(\.info.timestamp.nanoseconds) == [5_000_000, 5_000_000, 5_000_000])
            for frame in frames {
                let metadata = try #require(frame.info.metadata)
                #expect(metadata.exposureTime == .milliseconds(10))
                #expect(metadata.awbGains == AWBGains(red: 1.5, blue: 2))
                #expect(metadata.colorTemperature == 4500)
                #expect(metadata.lux == nil)
            }
            #expect(camera.metadata == frames[0].info.metadata)
            // The planes lie in the camera's dma-buf, rows padded to 64 bytes.
            #expect(frames[0].plane(1).stride == 64)
            #expect(frames[0].plane(1).byteCount == 64 * 23 + 64)
            #expect(frames[0].plane(1).dmaBuffer == DMABuffer(descriptor: 1000, offset: 64 * 48, byteCount: 64 * 72))
            #expect(frames[1].plane(0).stride == 64)
            #expect(frames[1].plane(0).dmaBuffer?.descriptor == 1001)
            #expect(frames[2].plane(0).stride == 128)
            #expect(frames.allSatisfy { $0.isLoan })
        }

        @Test func aRequestGoesBackWhenItsLastFrameIsReleased() throws {
            let camera = try open(ScriptedLibCamera.reset(), nil, three)
            defer { camera.close() }
            try camera.start()
            #expect(ScriptedLibCamera.script.queued == [0, 1, 2, 3])
            ScriptedLibCamera.complete(0)
            var frames = [try next(camera), try next(camera), try next(camera)]
            #expect(ScriptedLibCamera.script.queued == [1, 2, 3])
            #expect(ScriptedLibCamera.script.readCount == 3)
            frames.removeFirst()
            withExtendedLifetime(frames) { #expect(ScriptedLibCamera.script.queued == [1, 2, 3]) }
            frames.removeAll()
            #expect(ScriptedLibCamera.script.queued == [1, 2, 3, 0])
            #expect(ScriptedLibCamera.script.readCount == 0)
        }

        @Test func twoRequestsStayWithTheCamera() throws {
            let camera = try open(ScriptedLibCamera.reset(), copyLimit: 3)
            defer { camera.close() }
            try camera.start()
            var kept: [Frame] = []
            for number in 0..<5 {
                ScriptedLibCamera.complete(UInt32(number))
                kept.append(try next(camera))
            }
            // Two lent, three copied; a sixth has no memory.
            #expect(camera.counts == SourceCounts(framesCopied: 3))
            #expect(ScriptedLibCamera.script.queued.count == 2)
            ScriptedLibCamera.complete(5)
            guard case .timedOut = try camera.next(timeout: .zero) else {
                Issue.record("a frame came though there was no memory for it")
                return
            }
            #expect(camera.counts == SourceCounts(framesCopied: 3, framesNotCopied: 1))
            #expect(ScriptedLibCamera.script.queued.count == 2)
            // Each shows its own picture, also those whose buffer was filled again.
            #expect(kept.map { $0.plane(0).baseAddress.load(as: UInt32.self) } == [0, 1, 2, 3, 4])
            kept.removeFirst(2)
            #expect(ScriptedLibCamera.script.queued.count == 4)
            ScriptedLibCamera.complete(6)
            #expect(try next(camera).info.sequence == 6)
            #expect(camera.counts.framesCopied == 3)
        }

        @Test func framesStayValidAfterStopAndClose() throws {
            let camera = try open(ScriptedLibCamera.reset())
            try camera.start()
            ScriptedLibCamera.complete(1)
            var first: Frame? = try next(camera)
            camera.stop()
            try camera.start()
            ScriptedLibCamera.complete(2)
            var second: Frame? = try next(camera)
            camera.close()
            #expect(ScriptedLibCamera.script.sessions == 0)
            #expect(first?.plane(0).baseAddress.load(as: UInt32.self) == 1)
            #expect(second?.plane(0).baseAddress.load(as: UInt32.self) == 2)
            // The buffers of both runs are freed with their last frame, and not queued.
            withExtendedLifetime((first, second)) { #expect(ScriptedLibCamera.script.mappedCount == 8) }
            first = nil
            withExtendedLifetime(second) { #expect(ScriptedLibCamera.script.mappedCount == 4) }
            second = nil
            #expect(ScriptedLibCamera.script.mappedCount == 0)
            #expect(ScriptedLibCamera.script.queued.isEmpty)
            #expect(ScriptedLibCamera.script.readCount == 0)
        }

        @Test func startsAndStopsLeaveNothingBehind() throws {
            var camera: LibCamera? = try open(ScriptedLibCamera.reset())
            for number in 0..<50 {
                try camera?.start()
                ScriptedLibCamera.complete(UInt32(number))
                ScriptedLibCamera.complete(UInt32(number) + 1)
                if number % 2 == 0 { _ = try camera.map(next) }
                camera?.stop()
                #expect(ScriptedLibCamera.script.mappedCount == 0)
            }
            #expect(ScriptedLibCamera.script.starts == 50)
            #expect(ScriptedLibCamera.script.stops == 50)
            camera?.close()
            camera = nil
            #expect(ScriptedLibCamera.script.sessions == 0)
            #expect(ScriptedLibCamera.script.uses == 0)
        }

        @Test func aWaitIsInterruptedAndTimesOut() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            try camera.start()
            guard case .timedOut = try camera.next(timeout: .milliseconds(1)) else {
                Issue.record("no time-out")
                return
            }
            camera.interrupt()
            guard case .interrupted = try camera.next(timeout: nil) else {
                Issue.record("an interruption before the wait is lost")
                return
            }
            let thread = try WorkerThread("waiter") { camera.interrupt() }
            guard case .interrupted = try camera.next(timeout: nil) else {
                Issue.record("an interruption of the wait is lost")
                return
            }
            thread.join()
        }

        @Test func aCameraThatVanishesIsTold() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            try camera.start()
            let thread = try WorkerThread("unplug") { ScriptedLibCamera.lose() }
            let error = #expect(throws: CameraError.self) { _ = try camera.next(timeout: nil) }
            #expect(error?.code == .deviceLost)
            #expect(error?.description.contains("libcamera:/base/camera@1") ?? false)
            thread.join()
        }

        @Test func camerasThatComeAndGoAreTold() async throws {
            let shim = ScriptedLibCamera.reset()
            let changes = LibCamera.changes(try LibCameraUse(shim))
            let others = LibCamera.changes(try LibCameraUse(shim))
            ScriptedLibCamera.plug("/base/camera@3", isAdded: true)
            ScriptedLibCamera.plug("/base/camera@1", isAdded: false)
            for stream in [changes, others] {
                var found: [LibCameraChange] = []
                for await change in stream {
                    found.append(change)
                    if found.count == 2 { break }
                }
                #expect(found == [.added("/base/camera@3"), .removed("/base/camera@1")])
            }
        }

        @Test func damagedPicturesAreToldAndUnsettledOnesLeftOut() throws {
            let camera = try open(ScriptedLibCamera.reset(), nil, three)
            defer { camera.close() }
            try camera.start()
            ScriptedLibCamera.complete(0) { completion in
                completion.streams.0.status = 3
                completion.streams.1.status = 3
                completion.streams.2.status = 2
            }
            ScriptedLibCamera.complete(1) { completion in completion.streams.0.status = 1 }
            guard case .damaged(1) = try camera.next(timeout: .zero) else {
                Issue.record("the damaged picture is not told")
                return
            }
            #expect(try next(camera).info.stream == 1)
            #expect(try next(camera).info.stream == 2)
            #expect(ScriptedLibCamera.script.queued == [2, 3, 0, 1])
        }

        @Test func numbersGoOnPast32BitsAndShowGaps() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            try camera.start()
            var sequences: [UInt64] = []
            for number in [UInt32.max - 1, .max, 0, 4] {
                ScriptedLibCamera.complete(number)
                sequences.append(try next(camera).info.sequence)
            }
            let start = UInt64(UInt32.max) - 1
            #expect(sequences == [start, start + 1, start + 2, start + 6])
        }

        @Test func aBufferThatCannotGoBackFailsTheNextWait() throws {
            let camera = try open(ScriptedLibCamera.reset { $0.lastError = "Failed to queue" })
            defer { camera.close() }
            try camera.start()
            ScriptedLibCamera.complete(0)
            ScriptedLibCamera.change { $0.queueResult = -Errno.ioError.rawValue }
            _ = try next(camera)
            let error = #expect(throws: CameraError.self) { _ = try camera.next(timeout: .zero) }
            #expect(error?.code == .device)
            #expect(error?.description.contains("Failed to queue") ?? false)
        }

        @Test func aFailedStartFreesWhatItMade() throws {
            let camera = try open(ScriptedLibCamera.reset { $0.queueResult = -Errno.noMemory.rawValue })
            defer { camera.close() }
            #expect(throws: CameraError.self) { try camera.start() }
            #expect(ScriptedLibCamera.script.stops == 1)
            #expect(ScriptedLibCamera.script.mappedCount == 0)
            ScriptedLibCamera.change { $0.queueResult = 0 }
            try camera.start()
            ScriptedLibCamera.complete(3)
            #expect(try next(camera).info.sequence == 3)
        }
    }
}
