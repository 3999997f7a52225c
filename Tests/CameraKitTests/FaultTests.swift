// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// What a broken output throws.
private struct Broken: Error, Equatable {}

/// An output that fails at a given picture.
private final class FailingOutput: Output {
    private let goodWrites: Int
    private let writes = Atomic(0)

    init(after goodWrites: Int) {
        self.goodWrites = goodWrites
    }

    func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        if writes.add(1, ordering: .relaxed).newValue > goodWrites { throw Broken() }
    }
}

@Suite struct FaultTests {
    @Test func outputErrorReachesEveryCallUntilStopped() throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        try camera.startRecording(to: .output(FailingOutput(after: 3)), format: .yuv420)
        let first = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(first?.code == .output)
        #expect(first?.underlying as? Broken == Broken())
        let others = Mutex<[CameraError?]>([])
        let thread = try WorkerThread("other") {
            let error = #expect(throws: CameraError.self) { try camera.waitRecording(.zero) }
            others.withLock { $0.append(error) }
        }
        thread.join()
        others.withLock {
            $0.append(#expect(throws: CameraError.self) { try camera.splitRecording(to: .output(MemoryOutput())) })
        }
        others.withLock { $0.append(#expect(throws: CameraError.self) { try camera.requestKeyFrame() }) }
        others.withLock { $0.append(#expect(throws: CameraError.self) { try camera.stopRecording() }) }
        #expect(others.withLock { $0.allSatisfy { $0?.underlying as? Broken == Broken() } })
        let statistics = try #require(camera.statistics.encoders[1])
        #expect(statistics.packetsWritten == 3)
        #expect(
            statistics.framesReceived
                == statistics.packetsWritten + statistics.framesDropped + statistics.packetsDropped)
        // The port is free again.
        try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
        try camera.stopRecording()
    }

    /// The picture that the new output did not take, and those after it, go where those before it went.
    @Test func errorInTheNewOutputIsThrownByTheSplitItself() throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let memory = MemoryOutput()
        try camera.startRecording(to: .output(memory), format: .yuv420)
        let error = #expect(throws: CameraError.self) {
            try camera.splitRecording(to: .output(FailingOutput(after: 0)))
        }
        #expect(error?.underlying as? Broken == Broken())
        #expect(try camera.waitRecording(.zero) == .running)
        try camera.stopRecording()
        let numbers = NumberedSource.numbers(in: memory.data, frameByteCount: 384)
        #expect(numbers == Array(0..<UInt64(numbers.count)))
        #expect(camera.statistics.encoders[1]?.packetsWritten == numbers.count)
    }

    @Test func splitThatFailsLeavesTheRecordingAndOldFilesAlone() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let first = folder.path("first.yuv420")
        let existing = folder.path("existing.yuv420")
        try "precious".write(toFile: existing, atomically: true, encoding: .utf8)
        try camera.startRecording(to: .path(first))
        try camera.waitRecording(.milliseconds(20))
        #expect(throws: CameraError.self) { try camera.splitRecording(to: .path(folder.path("missing/file.yuv420"))) }
        #expect(throws: CameraError.self) { try camera.splitRecording(to: .path(folder.url.path)) }
        let busy = #expect(throws: CameraError.self) { try camera.splitRecording(to: .path(first)) }
        #expect(busy?.code == .busy)
        let refusing = RefusingOutput()
        let refused = #expect(throws: CameraError.self) { try camera.splitRecording(to: .output(refusing)) }
        #expect(refused?.underlying as? Broken == Broken())
        #expect(try camera.waitRecording(.milliseconds(20)) == .running)
        let last = MemoryOutput()
        try camera.splitRecording(to: .output(last))
        try camera.stopRecording()
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: first))) + last.data
        let numbers = NumberedSource.numbers(in: bytes, frameByteCount: 384)
        #expect(numbers == Array(0..<UInt64(numbers.count)))
        #expect(try String(contentsOfFile: existing, encoding: .utf8) == "precious")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 2)
    }

    /// An output that cannot even begin.
    private final class RefusingOutput: Output {
        func begin(_ stream: StreamDescription) throws { throw Broken() }
        func write(_ bytes: RawSpan, _ info: PacketInfo) {}
    }

    @Test func waitingForOneselfIsRefused() throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let codes = Mutex<[CameraError.Code]>([])
        let pending = Mutex<PendingSplit?>(nil)
        let second = MemoryOutput()
        let done = Monitor(false)
        let output = ClosureOutput { _, info in
            guard info.index == 2 else { return }
            func note(_ body: () throws(CameraError) -> Void) {
                do throws(CameraError) { try body() } catch { codes.withLock { $0.append(error.code) } }
            }
            note { () throws(CameraError) in try camera.waitRecording() }
            note { () throws(CameraError) in try camera.stopRecording() }
            note { () throws(CameraError) in try camera.splitRecording(to: .output(MemoryOutput())) }
            try camera.requestKeyFrame()
            _ = camera.statistics
            #expect(try camera.waitRecording(.zero) == .running)
            let split = try camera.beginSplit(to: .output(second))
            note { () throws(CameraError) in _ = try split.wait() }
            pending.withLock { $0 = split }
            done.update { $0 = true }
        }
        try camera.startRecording(to: .output(output), format: .yuv420)
        done.wait { $0 ? () : nil }
        let frame = try #require(pending.withLock { $0 }).wait()
        #expect(frame.index > 2)
        try camera.stopRecording()
        #expect(codes.withLock { $0 } == [.wouldDeadlock, .wouldDeadlock, .wouldDeadlock, .wouldDeadlock])
        #expect(NumberedSource.numbers(in: second.data, frameByteCount: 384).first == UInt64(frame.index))
    }

    @Test func stoppingDoesNotWaitForABlockedOutputForEver() throws {
        let camera = try Camera(.source(NumberedSource()), stopTimeout: .milliseconds(200))
        defer { camera.close() }
        let output = BlockingOutput()
        defer { output.release() }
        try camera.startRecording(to: .output(output), format: .yuv420)
        output.waitUntilBlocked()
        let error = #expect(throws: CameraError.self) { try camera.stopRecording() }
        #expect(error?.code == .timedOut)
        #expect(error?.subject?.contains("BlockingOutput") == true)
        // The camera goes on with other outputs.
        let next = MemoryOutput()
        try camera.startRecording(to: .output(next), format: .yuv420)
        try camera.splitRecording(to: .output(MemoryOutput()))
        try camera.stopRecording()
        #expect(next.count > 0)
    }

    @Test func splitTakesItsTicketBackWhenTheRecordingIsStopped() throws {
        let folder = try TemporaryFolder()
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
        let outcome = Mutex<CameraError?>(nil)
        let path = folder.path("never.yuv420")
        let splitting = try WorkerThread("splitting") {
            let error = #expect(throws: CameraError.self) { try camera.splitRecording(to: .path(path)) }
            outcome.withLock { $0 = error }
        }
        #expect(eventually { FileManager.default.fileExists(atPath: path) })
        try camera.stopRecording()
        splitting.join()
        #expect(outcome.withLock { $0 }?.code == .notRecording)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func recordingEndsWithItsSource() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource(limit: 10)))
        defer { camera.close() }
        let output = MemoryOutput()
        try camera.startRecording(to: .output(output), format: .yuv420)
        #expect(try camera.waitRecording() == .ended)
        #expect(NumberedSource.numbers(in: output.data, frameByteCount: 384) == Array(0..<10))
        for target in ["split.yuv420", "still.jpg"] {
            let path = folder.path(target)
            let error = #expect(throws: CameraError.self) {
                if target == "still.jpg" { try camera.capture(to: .path(path), format: .yuv420) }
                try camera.splitRecording(to: .path(path))
            }
            #expect(error?.code == .sourceEnded)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let error = #expect(throws: CameraError.self) {
            try camera.startRecording(to: .path(folder.path("late.yuv420")))
        }
        #expect(error?.code == .sourceEnded)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func lostCameraEndsTheRecordingWithItsError() async throws {
        let source = LiveSource()
        let camera = try Camera(.source(source))
        let events = camera.events
        let output = MemoryOutput()
        try camera.startRecording(to: .output(output), format: .yuv420)
        for _ in 0..<3 { source.sendFrame() }
        source.send(.failure(CameraError(.deviceLost, "taking frames", subject: "live")))
        let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(error?.code == .deviceLost)
        #expect(throws: CameraError.self) { try camera.stopRecording() }
        #expect(NumberedSource.numbers(in: output.data, frameByteCount: 384) == [0, 1, 2])
        camera.close()
        var kinds: Set<String> = []
        for await event in events {
            switch event {
            case .sourceFailed(let error): kinds.insert("source \(error.code)")
            case .recordingFailed(_, let error): kinds.insert("recording \(error.code)")
            default: kinds.insert("\(event)")
            }
        }
        #expect(kinds == ["source deviceLost", "recording deviceLost"])
    }

    @Test func waitingNoticesThatTheCameraFails() throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let failing = try WorkerThread("failing") {
            source.send(.failure(CameraError(.deviceLost, "taking frames", subject: "live")))
        }
        let error = #expect(throws: CameraError.self) { try camera.wait(.seconds(600)) }
        #expect(error?.code == .deviceLost)
        failing.join()
    }

    @Test func silentCameraIsAnError() throws {
        let camera = try Camera(.source(LiveSource()), stallLimit: .milliseconds(50))
        defer { camera.close() }
        try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
        let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(error?.code == .timedOut)
        #expect(camera.statistics.source.stalls >= 1)
        #expect(throws: CameraError.self) { try camera.stopRecording() }
    }

    @Test func whatIsTooSlowDropsAndCountsAndTheOthersLoseNothing() throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let blocked = BlockingOutput()
        let good = MemoryOutput()
        try camera.startRecordings([
            RecordingRequest(
                to: .output(blocked), format: .yuv420, splitterPort: 1,
                encoder: { configuration in
                    var configuration = configuration
                    configuration.packetQueueBytes = 1000
                    return try RawVideoEncoder(configuration)
                }),
            RecordingRequest(to: .output(good), format: .yuv420, splitterPort: 2),
        ])
        for number in 0..<100 {
            source.sendFrame()
            // The good port keeps up: it is given the time to.
            #expect(eventually { camera.statistics.encoders[2]?.packetsWritten == number + 1 })
        }
        blocked.release()
        try camera.stopRecording(splitterPort: 1)
        try camera.stopRecording(splitterPort: 2)
        let slow = try #require(camera.statistics.encoders[1])
        #expect(slow.framesReceived == 100)
        #expect(slow.framesDropped > 80)
        #expect(slow.packetsWritten + slow.framesDropped == 100)
        #expect(NumberedSource.numbers(in: good.data, frameByteCount: 384) == Array(0..<100))
    }

    /// One frame in two is one streak; its end is told with its number, by the next frame a second later or by the end.
    @Test(arguments: [false, true]) func aStreakOfDropsIsToldAtItsStartAndEnd(endsRecording: Bool) async throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        let events = camera.events
        let output = BlockingOutput()
        try camera.startRecordings([
            RecordingRequest(
                to: .output(output), format: .yuv420,
                encoder: { configuration in
                    var configuration = configuration
                    configuration.packetQueueBytes = 1
                    return try RawVideoEncoder(configuration)
                })
        ])
        // One is written, one waits for that, one for room in the queue, and four for the encoder.
        let kept = 7
        for number in 1...kept {
            source.sendFrame()
            #expect(eventually { camera.statistics.encoders[1]?.framesReceived == number })
            #expect(eventually { camera.statistics.encoders[1]?.frameQueueDepth == max(0, number - 3) })
        }
        for _ in 0..<5 { source.sendFrame() }
        #expect(eventually { camera.statistics.encoders[1]?.framesDropped == 5 })
        output.release()
        #expect(eventually { camera.statistics.encoders[1]?.packetsWritten == kept })
        if endsRecording {
            try camera.stopRecording()
        } else {
            // The next frame after a second without a drop.
            usleep(1_100_000)
            source.sendFrame()
        }
        var told: [String] = []
        for await event in events {
            if case .framesDropped(1, let total) = event { told.append("began \(total)") }
            guard case .droppingEnded(1, let count, let total) = event else { continue }
            told.append("ended \(count) of \(total)")
            break
        }
        #expect(told == ["began 1", "ended 5 of 5"])
        camera.close()
    }

    @Test func gapsOfTheDriverAreCountedAndSeenInTheIndex() throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let indices = Mutex<[Int64]>([])
        let times = Mutex<[Duration]>([])
        let output = ClosureOutput { _, info in
            indices.withLock { $0.append(info.index) }
            times.withLock { $0.append(info.timestamp) }
        }
        try camera.startRecording(to: .output(output), format: .yuv420)
        let start = Timestamp.now
        source.sendFrame(at: start)
        source.sendFrame(gap: 2, at: start + .milliseconds(100))
        source.sendFrame(at: start + .milliseconds(100))
        source.sendFrame(at: start + .milliseconds(50))
        source.send(.success(.damaged(2)))
        // The queue has room for four, and this camera does not wait.
        #expect(eventually { camera.statistics.encoders[1]?.packetsWritten == 4 })
        source.sendFrame(gap: 2, at: start + .milliseconds(200))
        source.send(.success(.ended))
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        #expect(indices.withLock { $0 } == [0, 3, 4, 5, 8])
        #expect(
            times.withLock { $0 }
                == [
                    .zero, .milliseconds(100), .microseconds(100_001), .microseconds(100_002), .milliseconds(200),
                ])
        let statistics = camera.statistics
        #expect(statistics.source.framesLost == 2)
        #expect(statistics.source.framesDamaged == 2)
        #expect(statistics.encoders[1]?.timestampsCorrected == 2)
    }

    @Test func wrongStatesAreErrors() throws {
        let camera = try Camera(.source(NumberedSource()))
        func code(_ body: () throws -> Void) -> CameraError.Code? {
            #expect(throws: CameraError.self) { try body() }?.code
        }
        #expect(code { try camera.waitRecording() } == .notRecording)
        #expect(code { try camera.stopRecording() } == .notRecording)
        #expect(code { try camera.splitRecording(to: .output(MemoryOutput())) } == .notRecording)
        #expect(code { _ = try camera.frame } == .notRecording)
        try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
        #expect(code { try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420) } == .alreadyRecording)
        #expect(
            code { try camera.capture(to: .output(MemoryOutput()), format: .yuv420, splitterPort: 1) }
                == .alreadyRecording)
        #expect(code { try camera.setResolution(.vga) } == .alreadyRecording)
        #expect(code { try camera.setFrameRate(25) } == .alreadyRecording)
        #expect(code { try camera.setSensorMode(1) } == .alreadyRecording)
        #expect(code { try camera.setClockMode(.raw) } == .alreadyRecording)
        #expect(camera.isRecording)
        try camera.stopRecording()
        #expect(!camera.isRecording)
        #expect(code { try camera.setResolution(Resolution(0, 0)) } == .invalidValue)
        #expect(code { try camera.setFrameRate(-1) } == .invalidValue)
        #expect(code { try camera.startRecording(to: "clip.webm") } == .invalidFormat)
        #expect(code { try camera.startRecording(to: "clip") } == .invalidFormat)
        #expect(
            code { try camera.startRecording(to: "clip.yuv420", options: .init { $0.bitRate = 1 }) } == .unknownOption)
        let output = MemoryOutput()
        #expect(
            code { try camera.startRecording(to: .output(output), format: .yuv420, motionOutput: .output(output)) }
                == .busy)
        #expect(code { try camera.startRecording(to: "clip.yuv420", splitting: .every(.frames(5))) } == .invalidValue)
        #expect(
            code { try camera.startRecording(to: "{counter}.yuv420", splitting: .every(.frames(0))) } == .invalidValue)
        #expect(!FileManager.default.fileExists(atPath: "clip.yuv420"))
        camera.close()
        camera.close()
        #expect(camera.isClosed)
        #expect(code { try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420) } == .closed)
        #expect(code { try camera.wait(.zero) } == .closed)
        #expect(code { try camera.capture(to: .output(MemoryOutput()), format: .yuv420) } == .closed)
    }
}
