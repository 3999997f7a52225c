// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Recordings that wait for a camera that went away.
@Suite(.timeLimit(.minutes(10))) struct ReturnTests {
    private let folder: TemporaryFolder
    private let source = ReturningLiveSource()
    private static let picture = 16 * 16 * 3 / 2

    init() throws {
        folder = try TemporaryFolder()
    }

    private func camera(stallLimit: Duration = .seconds(3600)) throws -> Camera {
        try Camera(.source(source), stallLimit: stallLimit)
    }

    /// What a camera has told, in its order; read when it is closed, since a test that waits holds a thread of the pool.
    private struct Told {
        var files: [FinishedFile] = []
        var losses: [CameraError] = []
        /// The words for all that matters here.
        var order: [String] = []

        init(_ events: AsyncStream<CameraEvent>) async {
            for await event in events {
                switch event {
                case .fileFinished(_, let file):
                    files.append(file)
                    order.append("finished")
                case .sourceLost(let error):
                    losses.append(error)
                    order.append("lost")
                case .sourceReturned: order.append("returned")
                default: break
                }
            }
        }
    }

    /// Sends frames at 30 a second from a moment on, each when the one before is encoded: a live camera would lose it else.
    private func send(_ count: Int, _ camera: Camera, from start: Timestamp = .now) {
        for number in 0..<count {
            source.live.sendFrame(at: start + .microseconds(33_333) * number)
            #expect(
                eventually {
                    source.live.waiting == 0
                        && camera.statistics.encoders.values.allSatisfy { $0.frameQueueDepth == 0 }
                })
        }
    }

    private func numbers(_ name: String) throws -> [Int] {
        let bytes = [UInt8](try Data(contentsOf: folder.file(name)))
        return NumberedSource.numbers(in: bytes, frameByteCount: Self.picture).map { Int($0) }
    }

    @Test func aRecordingGoesOnInTheNextFile() async throws {
        let camera = try camera()
        let events = camera.events
        let infos = Mutex<[PacketInfo]>([])
        var request = RecordingRequest(to: .path(folder.path("c-{counter}.yuv420")))
        request.onDisconnect = .wait
        request.metadataOutput = .output(ClosureOutput { _, info in infos.withLock { $0.append(info) } })
        let recording = try camera.startRecordings([request])[0]
        let start = Timestamp.now
        send(5, camera, from: start)
        #expect(eventually { recording.statistics.packetsWritten == 5 })
        source.unplug()
        // Its file is finished while it is away.
        #expect(eventually { recording.outputs[.frame] == nil })
        #expect(recording.state == .running && recording.error == nil)
        #expect(try await recording.wait(.milliseconds(20)) == .running)
        #expect(try numbers("c-1.yuv420") == [0, 1, 2, 3, 4])
        // Who does not wait is told at once.
        let error = #expect(throws: CameraError.self) { try camera.capture(to: .output(MemoryOutput()), format: .jpeg) }
        #expect(error?.code == .deviceLost)
        source.plugIn()
        send(5, camera, from: start + .seconds(100))
        #expect(eventually { recording.statistics.packetsWritten == 10 })
        #expect(camera.statistics.source.interruptions == 1)
        try await captureWhileSending(camera)
        try await recording.stop()
        camera.close()
        let told = await Told(events)
        #expect(told.order == ["lost", "finished", "returned", "finished"])
        #expect(told.losses.map(\.code) == [.deviceLost])
        let files = told.files
        try #require(files.count == 2)
        #expect(files.map(\.name) == [folder.path("c-1.yuv420"), folder.path("c-2.yuv420")])
        #expect(files[0].frames == 5 && files[0].bytes == 5 * Self.picture)
        #expect(files[0].duration > .milliseconds(166) && files[0].duration < .milliseconds(167))
        let statistics = recording.statistics
        #expect(files[1].frames == statistics.packetsWritten - 5)
        #expect(statistics.framesReceived == statistics.packetsWritten + statistics.framesDropped)
        // The times run on as if nothing had been between.
        let all = infos.withLock { $0 }
        #expect(all.map(\.index) == (0..<Int64(all.count)).map { $0 })
        #expect(all[5].timestamp > .milliseconds(165) && all[5].timestamp < .milliseconds(168))
    }

    /// Takes a still while frames come, for as long as that takes on a busy machine.
    private func captureWhileSending(_ camera: Camera) async throws {
        let isTaken = Monitor(false)
        defer { isTaken.update { $0 = true } }
        _ = try WorkerThread("sender") { [source] in
            while isTaken.wait(until: .now + .milliseconds(20), { $0 ? true : nil }) == nil { source.live.sendFrame() }
        }
        try await camera.capture(to: .output(MemoryOutput()), format: .jpeg)
    }

    #if X264
    @Test func eachFileOfAnEncoderDecodesByItself() throws {
        let camera = try camera()
        defer { camera.close() }
        let recording = try camera.startRecording(
            to: .path(folder.path("c-{counter}.h264")), resize: Resolution(64, 48), onDisconnect: .wait,
            options: EncoderOptions {
                $0.preset = "medium"
                $0.tune = "none"
            })
        for round in 0..<3 {
            send(10, camera)
            if round < 2 {
                source.unplug()
                #expect(eventually { recording.statistics.packetsWritten == 10 * (round + 1) })
                source.plugIn()
            }
        }
        try recording.stop()
        #expect(folder.names == ["c-1.h264", "c-2.h264", "c-3.h264"])
        for name in folder.names { #expect(try pictureCount(of: folder.path(name)) == 10) }
        #expect(recording.statistics.keyFrames >= 3)
    }
    #endif

    @Test func limitsCountWhatIsRecorded() throws {
        let camera = try camera()
        defer { camera.close() }
        let byFrames = try camera.startRecording(
            to: .path(folder.path("f-{counter}.yuv420")), frameLimit: 8, onDisconnect: .wait)
        let byTime = try camera.startRecording(
            to: .path(folder.path("t-{counter}.yuv420")), splitterPort: 2, durationLimit: .milliseconds(233),
            onDisconnect: .wait)
        let start = Timestamp.now
        send(5, camera, from: start)
        source.unplug()
        #expect(eventually { camera.statistics.source.framesCaptured == 5 && folder.names.count == 2 })
        source.plugIn()
        send(5, camera, from: start + .seconds(10))
        #expect(try byFrames.wait() == .ended)
        #expect(try byTime.wait() == .ended)
        #expect(byFrames.statistics.packetsWritten == 8 && byTime.statistics.packetsWritten == 7)
        #expect(try numbers("f-2.yuv420") == [5, 6, 7])
        #expect(try numbers("t-2.yuv420") == [5, 6])
    }

    @Test func itCanBeStoppedWhileTheCameraIsAway() throws {
        let camera = try camera()
        let recording = try camera.startRecording(to: .path(folder.path("c-{counter}.yuv420")), onDisconnect: .wait)
        send(2, camera)
        source.unplug()
        #expect(eventually { recording.outputs.isEmpty })
        let refusal = #expect(throws: CameraError.self) {
            try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420, splitterPort: 2)
        }
        #expect(refusal?.code == .deviceLost)
        try recording.stop()
        #expect(folder.names == ["c-1.yuv420"])
        // The camera is not lost with it.
        source.plugIn()
        #expect(eventually { camera.statistics.source.interruptions == 1 })
        let next = try camera.startRecording(to: .path(folder.path("d.yuv420")))
        send(2, camera)
        #expect(eventually { next.statistics.packetsWritten == 2 })
        source.unplug()
        let error = #expect(throws: CameraError.self) { try next.wait() }
        #expect(error?.code == .deviceLost)
        camera.close()
    }

    @Test func closingTheCameraEndsTheWait() throws {
        let camera = try camera()
        let recording = try camera.startRecording(to: .path(folder.path("c-{counter}.yuv420")), onDisconnect: .wait)
        send(2, camera)
        source.unplug()
        #expect(eventually { recording.outputs.isEmpty })
        let waiter = Monitor<Bool>(false)
        let thread = try WorkerThread("waiter") {
            _ = try? recording.wait()
            waiter.update { $0 = true }
        }
        camera.close()
        #expect(waiter.wait(until: .now + .seconds(10)) { $0 ? true : nil } == true)
        thread.join()
    }

    @Test func aCameraThatGoesBeforeItsFirstFrameLeavesNoFile() throws {
        let camera = try camera()
        defer { camera.close() }
        let recording = try camera.startRecording(to: .path(folder.path("c-{counter}.yuv420")), onDisconnect: .wait)
        source.unplug()
        #expect(eventually { folder.names.isEmpty })
        source.plugIn()
        send(3, camera)
        #expect(eventually { recording.statistics.packetsWritten == 3 })
        try recording.stop()
        #expect(folder.names == ["c-1.yuv420"])
    }

    /// What keeps a camera that is there from being used is told, and tried again.
    @Test func aReturnThatFailsIsTriedAgain() async throws {
        let camera = try camera()
        let events = camera.events
        let recording = try camera.startRecording(to: .path(folder.path("c-{counter}.yuv420")), onDisconnect: .wait)
        send(2, camera)
        source.unplug()
        let busy = CameraError(.busy, "opening the camera", subject: "live")
        source.plugIn(refusing: [busy])
        #expect(eventually { camera.statistics.source.interruptions == 1 })
        send(2, camera)
        #expect(eventually { recording.statistics.packetsWritten == 4 })
        try await recording.stop()
        #expect(source.attempts == 2)
        camera.close()
        #expect(await Told(events).losses.map(\.code) == [.deviceLost, .busy])
    }

    @Test func aCameraThatHangsIsOpenedAgain() throws {
        let camera = try camera(stallLimit: .milliseconds(300))
        defer { camera.close() }
        let recording = try camera.startRecording(to: .path(folder.path("c-{counter}.yuv420")), onDisconnect: .wait)
        let other = try camera.startRecording(to: .path(folder.path("d.yuv420")), splitterPort: 2)
        send(3, camera)
        #expect(eventually { source.attempts > 0 })
        let error = #expect(throws: CameraError.self) { try other.wait() }
        #expect(error?.code == .timedOut)
        #expect(eventually { camera.statistics.source.interruptions > 0 })
        send(3, camera)
        #expect(eventually { recording.statistics.packetsWritten == 6 })
        try recording.stop()
        #expect(try numbers("c-1.yuv420") + numbers("c-2.yuv420") == [0, 1, 2, 3, 4, 5])
        #expect(camera.statistics.source.stalls > 0)
    }

    @Test func aPausedRecordingWaitsToo() throws {
        let camera = try camera()
        defer { camera.close() }
        let recording = try camera.startRecording(to: .path(folder.path("c-{counter}.yuv420")), onDisconnect: .wait)
        send(2, camera)
        try recording.pause()
        source.unplug()
        #expect(eventually { source.live.waiting == 0 })
        source.plugIn()
        #expect(eventually { camera.statistics.source.interruptions == 1 })
        try recording.resume()
        send(2, camera)
        #expect(eventually { recording.statistics.packetsWritten == 4 })
        try recording.stop()
        #expect(folder.names == ["c-1.yuv420", "c-2.yuv420"])
    }

    /// Pictures that have no file are an error, and not silence.
    @Test func aNextFileThatCannotBeOpenedEndsIt() throws {
        let camera = try camera()
        defer { camera.close() }
        try FileManager.default.createDirectory(at: folder.file("away"), withIntermediateDirectories: false)
        let recording = try camera.startRecording(
            to: .path(folder.path("away/c-{counter}.yuv420")), onDisconnect: .wait)
        send(2, camera)
        source.unplug()
        #expect(eventually { recording.statistics.packetsWritten == 2 && recording.outputs.isEmpty })
        try FileManager.default.removeItem(at: folder.file("away"))
        source.plugIn()
        send(2, camera)
        let error = #expect(throws: CameraError.self) { try recording.wait() }
        #expect(error?.code == .output)
        let statistics = recording.statistics
        #expect(
            statistics.framesReceived
                == statistics.packetsWritten + statistics.framesDropped + statistics.packetsDropped)
    }

    @Test func whatCannotBeWaitedForIsRefused() throws {
        let still = try Camera(.source(NumberedSource()))
        defer { still.close() }
        let unsupported = #expect(throws: CameraError.self) {
            try still.startRecording(to: .path(folder.path("c-{counter}.yuv420")), onDisconnect: .wait)
        }
        #expect(unsupported?.code == .unsupported)
        let camera = try camera()
        defer { camera.close() }
        for target in [OutputTarget.path(folder.path("c.yuv420")), .output(MemoryOutput())] {
            let error = #expect(throws: CameraError.self) {
                try camera.startRecording(to: target, format: .yuv420, onDisconnect: .wait)
            }
            #expect(error?.code == .invalidValue)
        }
        #expect(folder.names.isEmpty)
    }
}
