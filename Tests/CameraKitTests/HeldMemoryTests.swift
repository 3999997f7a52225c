// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization
import TestSupport
import Testing

struct HeldMemoryTests {
    /// Each recording brings 1 MB to what may wait of the frames that they share: of pictures with 460,800 bytes two.
    @Test(arguments: [1, 2]) func aFileIsHeldBackBeforeItsFramesFillTheMemory(recordings: Int) throws {
        let size = Resolution(640, 480)
        let source = NumberedSource(size: size, limit: 100)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let outputs = (0..<recordings).map { _ in BlockingOutput() }
        try camera.startRecordings(
            outputs.enumerated().map { port, output in
                RecordingRequest(to: .output(output), format: .yuv420, splitterPort: port + 1)
            })
        for port in 1...recordings {
            // Nine of them make 4 MB of packets; then the encoder waits with one. Of four frames that wait one may have
            // gone to it: a queue that was full asks for more when half are gone.
            func waiting() -> EncoderStatistics? { camera.statistics.encoders[port] }
            let depths = recordings + 1...2 * recordings
            #expect(
                eventually { waiting().map { depths ~= $0.frameQueueDepth && $0.packetQueueDepth == 9 } ?? false },
                "\(String(describing: waiting()))")
            #expect(waiting()?.packetQueueBytes == 9 * 460_800)
        }
        #expect(source.delivered <= 12 + 2 * recordings)
        for output in outputs { output.release() }
        for port in 1...recordings {
            #expect(try camera.waitRecording(splitterPort: port) == .ended)
            try camera.stopRecording(splitterPort: port)
            let ended = try #require(camera.statistics.encoders[port])
            #expect(ended.packetsWritten == 100)
            #expect(ended.framesDropped == 0)
        }
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

    @Test func aCamerasOwnBufferIsWrittenWhereTheOutputKeepsUp() throws {
        let source = LiveSource(loans: 3)
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let lent = Mutex<[Int]>([])
        try camera.startRecording(
            to: .output(ClosureOutput { _, _ in lent.withLock { $0.append(source.lent) } }), format: .yuv420)
        for number in 0..<20 {
            source.sendFrame()
            #expect(eventually { camera.statistics.encoders[1]?.packetsWritten == number + 1 && source.lent == 0 })
        }
        try camera.stopRecording()
        #expect(lent.withLock { $0 } == Array(repeating: 1, count: 20))
    }

    @Test func anOutputThatStandsStillKeepsTwoOfItAtMost() throws {
        let source = LiveSource(loans: 8)
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let output = BlockingOutput()
        try camera.startRecording(to: .output(output), format: .yuv420)
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
