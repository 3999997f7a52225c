// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// The detector over movies that ffmpeg makes, all of 320x240 at 25 pictures per second.
@Suite struct MotionDetectorTests {
    /// What a detector says over a recording.
    private final class Watch: MotionAnalysis, @unchecked Sendable {
        private let state = Mutex((detector: MotionDetector(), begun: [Int64](), ended: [Int64]()))

        var begun: [Int64] { state.withLock { $0.begun } }
        var ended: [Int64] { state.withLock { $0.ended } }

        override func analyze(_ field: MotionField) throws {
            let index = try #require(field.info?.index)
            state.withLock { state in
                switch state.detector.add(field) {
                case .began: state.begun.append(index)
                case .ended: state.ended.append(index)
                case nil: break
                }
            }
        }
    }

    /// Makes a movie and watches it.
    private func watch(_ arguments: [String], _ format: MediaFormat = .mjpeg) throws -> Watch {
        let folder = try TemporaryFolder()
        let made = try run(
            "ffmpeg", ["-v", "error", "-nostdin"] + arguments + ["-pix_fmt", "yuv420p", folder.path("movie.y4m")])
        try #require(made.status == 0, "\(made.errors)")
        let camera = try Camera(.source(try PlaybackCamera(path: folder.path("movie.y4m"), pacing: .none)))
        defer { camera.close() }
        let watch = Watch()
        try camera.startRecording(to: .writing { _, _ in }, format: format, motionOutput: .output(watch))
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        return watch
    }

    private func lavfi(_ graph: String) -> [String] { ["-f", "lavfi", "-i", graph] }

    /// A picture that stands still: one of a generator's, held for so many seconds.
    private func still(_ generator: String, _ seconds: Int, size: String = "320x240") -> String {
        let source = "\(generator)\(generator.contains("=") ? ":" : "=")size=\(size):rate=25"
        return "\(source),trim=end_frame=1,setsar=1,loop=loop=-1:size=1,setpts=N/25/TB,trim=duration=\(seconds)"
    }

    /// Expects an event to begin with each of these pictures, or up to three later, and all to end within a second.
    private func expect(_ watch: Watch, _ events: [ClosedRange<Int64>]) {
        #expect(watch.begun.count == events.count, "\(watch.begun), \(watch.ended)")
        #expect(watch.ended.count == events.count, "\(watch.begun), \(watch.ended)")
        for (event, (begun, ended)) in zip(events, zip(watch.begun, watch.ended)) {
            #expect((event.lowerBound...event.lowerBound + 3) ~= begun, "\(watch.begun)")
            #expect((event.upperBound...event.upperBound + 20) ~= ended, "\(watch.ended)")
        }
    }

    /// The camera turns from the second to the fourth second and back a little in the seventh.
    @Test(arguments: [0, 10]) func findsEveryPan(noise: Int) throws {
        let x = "if(lt(t,2),0,if(lt(t,4),(t-2)*100,if(lt(t,6),200,if(lt(t,7),200-(t-6)*150,50))))"
        let watch = try watch(
            lavfi(
                still("mandelbrot=start_scale=0.3", 9, size: "640x480")
                    + ",crop=320:240:x='\(x)':y=100,noise=alls=\(noise):allf=t"))
        expect(watch, [51...100, 151...175])
    }

    /// Another scene each two seconds.
    @Test(arguments: [0, 10]) func findsEveryCut(noise: Int) throws {
        let scenes = ["testsrc2", "mandelbrot", "smptehdbars", "rgbtestsrc", "testsrc"]
        let parts = scenes.enumerated().map { "\(still($1, 2)),format=yuv420p[s\($0)]" }
        let inputs = scenes.indices.map { "[s\($0)]" }.joined()
        let watch = try watch(
            lavfi(
                parts.joined(separator: ";")
                    + ";\(inputs)concat=n=\(scenes.count),noise=alls=\(noise):allf=t"))
        expect(watch, [50...50, 100...100, 150...150, 200...200])
    }

    /// Something of 48 x 48 pixels crosses a scene that stands, twice.
    @Test(arguments: [0, 10]) func findsSmallThingsThatMove(noise: Int) throws {
        let x = "if(between(t,1,2),(t-1)*120,if(between(t,4,5),250-(t-4)*200,-100))"
        let watch = try watch(
            lavfi(
                "\(still("mandelbrot", 7))[scene];\(still("testsrc2", 7)),crop=48:48:20:20[thing];"
                    + "[scene][thing]overlay=x='\(x)':y=90:eval=frame,noise=alls=\(noise):allf=t"))
        expect(watch, [25...50, 100...125])
    }

    /// A zoom moves all blocks, each in another way than the one at the other end.
    @Test func findsAZoom() throws {
        let watch = try watch(
            lavfi(
                "\(still("mandelbrot", 5, size: "640x480")),zoompan=z='1+max(0,min(in-25,50))/50':d=1:s=320x240:fps=25")
        )
        expect(watch, [26...75])
    }

    /// Noise of every strength, over what is flat and what is not.
    @Test(arguments: [5, 20, 60], ["color=gray", "testsrc2", "mandelbrot"])
    func noiseDoesNotFire(noise: Int, scene: String) throws {
        let watch = try watch(lavfi("\(still(scene, 4)),noise=alls=\(noise):allf=t"))
        #expect(watch.begun == [])
    }

    /// A light that is switched on and off, a fade to black and back, and an exposure that swings.
    @Test(arguments: [
        "lutyuv=y='val+20':enable='between(t,1,2)'", "lutyuv=y='val*0.7+10':enable='between(t,1,2)'",
        "fade=out:25:25,fade=in:60:25", "eq=brightness='0.1*sin(t*3)':eval=frame",
    ])
    func brightnessDoesNotFire(change: String) throws {
        for scene in ["mandelbrot", "testsrc2"] {
            let watch = try watch(lavfi("\(still(scene, 4)),\(change),noise=alls=6:allf=t"))
            #expect(watch.begun == [], "\(scene)")
        }
    }
}
