// SPDX-License-Identifier: MIT

import CameraKit
import Glibc
import Synchronization
import TestSupport
import Testing

struct HeldMemoryTests {
    @Test func aFileIsHeldBackBeforeItsFramesFillTheMemory() throws {
        let size = Resolution(640, 480)
        let source = NumberedSource(size: size, limit: 100)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let output = BlockingOutput()
        try camera.startRecording(to: output, format: .yuv420)
        // Of pictures with 460,800 bytes nine make 4 MB; then the encoder waits with one, and two, 1 MB, wait for it.
        func waiting() -> EncoderStatistics? { camera.statistics.encoders[1] }
        #expect(eventually { waiting()?.frameQueueDepth == 2 && waiting()?.packetQueueDepth == 9 })
        #expect(waiting()?.packetQueueBytes == 9 * 460_800)
        #expect(source.delivered <= 14)
        output.release()
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let ended = try #require(camera.statistics.encoders[1])
        #expect(ended.packetsWritten == 100)
        #expect(ended.framesDropped == 0)
    }

    @Test(arguments: [1, 2, 16]) func manyRecordingsGetEachOfItsFrames(count: Int) throws {
        let camera = try Camera(.source(NumberedSource(limit: 500)))
        defer { camera.close() }
        let outputs = (0..<count).map { _ in MemoryOutput() }
        try camera.startRecordings(
            outputs.enumerated().map { port, output in
                RecordingRequest(to: .output(output), format: .yuv420, splitterPort: port + 1)
            })
        for (port, output) in outputs.enumerated() {
            try camera.waitRecording(splitterPort: port + 1)
            try camera.stopRecording(splitterPort: port + 1)
            #expect(NumberedSource.numbers(in: output.data, frameByteCount: 384) == Array(0..<500))
        }
    }

    @Test func onlyThreadsThatNobodyWaitsForLetOthersFinishTheirTurn() throws {
        func policies(_ source: any VideoSource, _ run: (Camera) throws -> Void) throws -> Set<Int32> {
            let policies = Mutex<Set<Int32>>([])
            let camera = try Camera(.source(source))
            defer { camera.close() }
            let output = ClosureOutput { _, _ in policies.withLock { _ = $0.insert(sched_getscheduler(0)) } }
            try camera.startRecording(to: output, format: .yuv420)
            try run(camera)
            try camera.stopRecording()
            return policies.withLock { $0 }
        }
        let batch: Int32 = 3
        #expect(try policies(NumberedSource(limit: 5)) { try $0.waitRecording() } == [batch])
        let live = LiveSource(loans: 3)
        let ofCamera = try policies(live) { camera in
            live.sendFrame()
            #expect(eventually { camera.statistics.encoders[1]?.packetsWritten == 1 })
        }
        #expect(ofCamera == [SCHED_OTHER])
    }

    @Test func aCamerasOwnBufferIsWrittenWhereTheOutputKeepsUp() throws {
        let source = LiveSource(loans: 3)
        let camera = try Camera(.source(source), stallLimit: .seconds(60))
        defer { camera.close() }
        let lent = Mutex<[Int]>([])
        try camera.startRecording(
            to: ClosureOutput { _, _ in lent.withLock { $0.append(source.lent) } }, format: .yuv420)
        for number in 0..<20 {
            source.sendFrame()
            #expect(eventually { camera.statistics.encoders[1]?.packetsWritten == number + 1 && source.lent == 0 })
        }
        try camera.stopRecording()
        #expect(lent.withLock { $0 } == Array(repeating: 1, count: 20))
    }

    @Test func anOutputThatStandsStillKeepsTwoOfItAtMost() throws {
        let source = LiveSource(loans: 8)
        let camera = try Camera(.source(source), stallLimit: .seconds(60))
        defer { camera.close() }
        let output = BlockingOutput()
        try camera.startRecording(to: output, format: .yuv420)
        source.sendFrame()
        output.waitUntilBlocked()
        for number in 1..<20 {
            source.sendFrame()
            #expect(eventually { camera.statistics.encoders[1]?.packetQueueDepth == number })
        }
        #expect(eventually { source.lent <= 2 })
        output.release()
        #expect(eventually { camera.statistics.encoders[1]?.packetsWritten == 20 })
        try camera.stopRecording()
        #expect(source.lent == 0)
    }
}
