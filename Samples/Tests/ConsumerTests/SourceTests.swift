// SPDX-License-Identifier: MIT

import CameraKit
import Testing

/// Sources of the user's, and what a camera tells of them.
@Suite struct SourceTests {
    private struct Unplugged: Error {}

    @Test func sourceDescribesTheCamera() throws {
        let camera = try Camera(.source(ScriptedSource.counting(1)))
        defer { camera.close() }
        #expect(camera.resolution == Resolution(32, 16))
        #expect(camera.frameRate == 25)
        let error = #expect(throws: CameraError.self) { try camera.setResolution(.vga) }
        #expect(error?.code == .unsupported)
    }

    @Test func framesArriveAsAnAsyncSequence() async throws {
        let camera = try Camera(.source(ScriptedSource.counting(20)))
        defer { camera.close() }
        var lumas: [UInt8] = []
        for try await frame in try camera.frames(bufferingNewest: 20) {
            lumas.append(frame.bytes(ofPlane: 0).unsafeLoad(as: UInt8.self))
        }
        #expect(lumas == Array(0..<20))
    }

    @Test func eventsTellOfDamageAndTheEnd() async throws {
        let camera = try Camera(.source(ScriptedSource([.frame(1), .damaged(2), .frame(3)])))
        let events = camera.events
        try camera.startRecording(to: .output(RecordingOutput()), format: .yuv420)
        try camera.waitRecording()
        try camera.stopRecording()
        #expect(camera.statistics.source.framesDamaged == 2)
        camera.close()
        var told: [String] = []
        for await event in events {
            switch event {
            case .framesDamaged(let count): told.append("damaged \(count)")
            case .sourceEnded: told.append("source ended")
            case .recordingEnded(let port): told.append("recording \(port) ended")
            default: told.append("\(event)")
            }
        }
        #expect(told == ["damaged 2", "source ended", "recording 1 ended"])
    }

    @Test func whatASourceThrowsEndsTheRecording() throws {
        let camera = try Camera(.source(ScriptedSource([.frame(1), .frame(2), .failure(Unplugged())])))
        defer { camera.close() }
        let output = RecordingOutput()
        try camera.startRecording(to: .output(output), format: .yuv420)
        do throws(CameraError) {
            try camera.waitRecording()
            Issue.record("the failure was not told")
        } catch {
            #expect(error.code == .device)
            #expect(error.underlying is Unplugged)
            #expect(error.subject == "script")
        }
        #expect(output.lumas == [1, 2])
    }

    @Test func errorsAreTyped() {
        do throws(CameraError) {
            _ = try Camera(.file("/nonexistent/clip.y4m"))
            Issue.record("there is no such file")
        } catch {
            // Compiles without a cast: the error's type is known here.
            let code: CameraError.Code = error.code
            #expect(code == .notFound)
            #expect(error.description.contains("/nonexistent/clip.y4m"))
        }
    }
}
