// SPDX-License-Identifier: MIT

import CameraKit
import TestSupport
import Testing

struct WaitingSourceTests {
    @Test func aFileIsHeldBackBeforeItsFramesFillTheMemory() throws {
        let size = Resolution(640, 480)
        let source = NumberedSource(size: size, limit: 100)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let output = BlockingOutput()
        try camera.startRecording(to: output, format: .yuv420)
        // Of pictures with 460,800 bytes nine make 4 MB; then the encoder waits with one, and four wait for it.
        #expect(eventually { camera.statistics.encoders[1]?.frameQueueDepth == 4 })
        let waiting = try #require(camera.statistics.encoders[1])
        #expect(waiting.packetQueueDepth == 9)
        #expect(waiting.packetQueueBytes == 9 * 460_800)
        #expect(source.delivered <= 16)
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
}
