// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// Cameras into which another program plays a movie.
    @Suite struct LoopbackTests {
        @Test func theFramesOfAMovieArriveWholeAndInOrder() throws {
            let folder = try TemporaryFolder()
            let movie = folder.path("movie.mkv")
            // The movie without loss, and what its pictures must become.
            let made = try run(
                "ffmpeg",
                ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10,format=yuv422p"]
                    + ["-frames:v", "50", "-c:v", "ffv1", movie]
                    + ["-frames:v", "50", "-pix_fmt", "yuyv422", "-f", "rawvideo", "-"])
            #expect(made.status == 0, "\(made.errors)")
            let pictureBytes = 320 * 240 * 2
            let pictures = stride(from: 0, to: made.output.count, by: pictureBytes).map {
                [UInt8](made.output[$0..<$0 + pictureBytes])
            }
            #expect(pictures.count == 50)

            let player = try LoopbackPlayer(movie)
            defer { player.stop() }
            let camera = try player.waitForCamera()
            defer { camera.close() }
            #expect(camera.streams.map(\.size) == [Resolution(320, 240)])
            #expect(camera.streams.map(\.format) == [.yuyv])
            try camera.start()
            // The first frame may be a left-over; the next ones are the movie's, in a circle.
            _ = try camera.nextFrame()
            let frames = try (0..<20).map { _ in try camera.nextFrame() }
            let numbers = frames.map { frame in pictures.firstIndex(of: frame.packed) }
            #expect(!numbers.contains(nil), "\(numbers)")
            for (earlier, later) in zip(zip(frames, numbers), zip(frames, numbers).dropFirst()) {
                // The device counts a picture that it shows again as another one.
                let step = Int(later.0.info.sequence - earlier.0.info.sequence)
                let advance = ((later.1 ?? 0) - (earlier.1 ?? 0) + 50) % 50
                #expect((0...step).contains(advance), "\(numbers)")
            }
            #expect(camera.counts.framesNotCopied == 0)
        }
    }
}
