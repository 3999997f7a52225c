// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization
import Testing

/// Outputs of the user's.
@Suite struct OutputTests {
    @Test func ownOutputIsCalledInOrderAndNeverClosed() throws {
        let camera = try Camera(.source(ScriptedSource.counting(3)))
        defer { camera.close() }
        let output = RecordingOutput()
        try camera.startRecording(to: .output(output), format: .yuv420)
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        #expect(
            output.calls == [
                .begin(.yuv420, Resolution(32, 16)), .write(index: 0, type: .key, byteCount: 768),
                .write(index: 1, type: .key, byteCount: 768), .write(index: 2, type: .key, byteCount: 768), .end,
                .flush,
            ])
        #expect(output.lumas == [0, 1, 2])
    }

    @Test func whatAnOutputThrowsArrivesUntilTheRecordingIsStopped() throws {
        let camera = try Camera(.source(ScriptedSource.counting(10)))
        defer { camera.close() }
        try camera.startRecording(to: .output(RecordingOutput(limit: 2)), format: .yuv420)
        func expectFull(_ call: () throws(CameraError) -> Void) {
            let error = #expect(throws: CameraError.self, performing: call)
            #expect(error?.code == .output)
            #expect(error?.underlying is RecordingOutput.Full)
        }
        expectFull { () throws(CameraError) in try camera.waitRecording() }
        expectFull { () throws(CameraError) in try camera.waitRecording(.zero) }
        expectFull { () throws(CameraError) in try camera.stopRecording() }
        #expect(!camera.isRecording)
    }

    /// Looks at motion vectors, and fails at the third picture.
    private final class Analysis: MotionAnalysis, @unchecked Sendable {
        struct Enough: Error {}
        let fields = Mutex<[MotionField]>([])

        override func analyze(_ field: MotionField) throws {
            let count = fields.withLock { fields in
                fields.append(field)
                return fields.count
            }
            if count == 3 { throw Enough() }
        }
    }

    @Test func ownAnalysisSeesMotionVectors() throws {
        let camera = try Camera(.source(ScriptedSource.counting(10)))
        defer { camera.close() }
        let analysis = Analysis()
        try camera.startRecording(to: .output(RecordingOutput()), format: .yuv420, motionOutput: .output(analysis))
        let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(error?.underlying is Analysis.Enough)
        #expect(throws: CameraError.self) { try camera.stopRecording() }
        let fields = analysis.fields.withLock { $0 }
        #expect(fields.map { [$0.rows, $0.columns] } == [[1, 3], [1, 3], [1, 3]])
        #expect(fields.map { $0.info?.index } == [0, 1, 2])
    }

    @Test func closuresAreOutputs() throws {
        let camera = try Camera(.source(ScriptedSource.counting(5)))
        defer { camera.close() }
        let seen = Mutex<[Int64]>([])
        let output = ClosureOutput { bytes, info in
            guard bytes.byteCount == 768 else { throw RecordingOutput.Full() }
            seen.withLock { $0.append(info.index) }
        }
        try camera.startRecording(to: .output(output), format: .yuv420)
        try camera.waitRecording()
        try camera.stopRecording()
        #expect(seen.withLock { $0 } == [0, 1, 2, 3, 4])
    }

    @Test func pictureGoesToAnOwnOutput() throws {
        let camera = try Camera(.source(ScriptedSource.counting(2)))
        defer { camera.close() }
        let output = RecordingOutput()
        try camera.capture(to: .output(output), format: .rgb24)
        #expect(output.packets.map(\.count) == [32 * 16 * 3])
    }

    @Test func seriesOfOutputsIsAskedForOneByOne() throws {
        let camera = try Camera(.source(ScriptedSource.counting(8)))
        defer { camera.close() }
        let outputs = (0..<3).map { _ in RecordingOutput() }
        try camera.captureSequence(to: outputs.map { $0 as any Output }, format: .yuv420, useVideoPort: true)
        #expect(outputs.map(\.lumas) == [[0], [1], [2]])
    }
}
