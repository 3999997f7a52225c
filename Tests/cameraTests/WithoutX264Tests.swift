// SPDX-License-Identifier: MIT

#if !X264
import CameraKit
import Foundation
import TestSupport
import Testing

/// What the tool does in a build without libx264.
@Suite struct WithoutX264Tests {
    private static let size = Resolution(160, 120)
    private static let camera = [
        "--camera", "test:numbered", "--pace", "none", "--size", "160x120", "--frames", "20",
    ]

    @Test(arguments: ["mjpeg", "yuv420"]) func recordsAndSplits(_ format: String) throws {
        let folder = try TemporaryFolder()
        let end = try RunningTool(
            ["record", "out-{counter}.\(format)", "--split", "10frames"] + Self.camera, in: folder
        ).end()
        #expect(end.status == 0, "\(end.errors)")
        let input = format == "mjpeg" ? [] : ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "160x120"]
        for number in 1...2 {
            let video = try NumberedVideo(
                decoding: folder.path("out-\(number).\(format)"), size: Self.size, input: input)
            #expect(video.complaints.isEmpty)
            #expect(video.numbers == (0..<10).map { UInt32((number - 1) * 10 + $0) })
        }
    }

    @Test func saysWhatIsMissingForH264() throws {
        let folder = try TemporaryFolder()
        let end = try RunningTool(["record", "out.h264"] + Self.camera, in: folder).end()
        #expect(end.status != 0)
        #expect(end.errors.split(separator: "\n").count == 1)
        #expect(end.errors.contains("X264"), "\(end.errors)")
        #expect(folder.names.isEmpty)
    }
}
#endif
