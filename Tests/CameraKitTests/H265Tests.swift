// SPDX-License-Identifier: MIT

#if X265
import CameraKit
import Foundation
import TestSupport
import Testing

/// Recordings as H.265, which split as those of H.264 do.
@Suite struct H265Tests {
    private static let size = Resolution(160, 120)

    /// A hundred splits by hand, after 1 to 12 frames each; every file decodes alone, and no number is missing.
    @Test(arguments: [true, false]) func aHundredSplitsLoseNothing(inlineHeaders: Bool) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = SeededRandom(seed: seed)
        let folder = try TemporaryFolder()
        let camera = try Camera(
            .source(try TestCamera(resolution: Self.size, frameRate: 30, pacing: .none, numbered: true)))
        defer { camera.close() }
        var paths = [folder.path("000.h265")]
        var firsts: [Int64] = [0]
        try camera.startRecording(to: .path(paths[0]), options: EncoderOptions { $0.inlineHeaders = inlineHeaders })
        for number in 1...100 {
            let target = camera.router.statistics.framesCaptured + Int.random(in: 1...12, using: &random)
            #expect(eventually { camera.router.statistics.framesCaptured >= target })
            paths.append(folder.path(String(format: "%03d.h265", number)))
            let frame = try camera.splitRecording(to: .path(paths[number]))
            #expect(frame.type == .key)
            #expect(frame.hasHeader)
            firsts.append(frame.index)
        }
        try camera.stopRecording()
        let videos = try NumberedVideo.decode(paths.map { ($0, Self.size) }, input: ["-f", "hevc"])
        #expect(videos.allSatisfy { $0.complaints == "" }, "\(videos[0].complaints)")
        #expect(videos.map { $0.numbers.first?.map(Int64.init) } == firsts)
        let all = videos.flatMap(\.numbers)
        #expect(all == (0..<UInt32(all.count)).map { $0 })
        #expect(camera.statistics.encoders[1]?.packetsWritten == all.count)
    }

    @Test func aKeyFrameComesOnRequest() throws {
        let frames = MemoryOutput()
        let camera = try Camera(
            .source(try TestCamera(resolution: Self.size, frameRate: 30, pacing: .none)))
        defer { camera.close() }
        try camera.startRecording(
            to: .output(frames), format: .h265, options: EncoderOptions { $0.keyFrameInterval = 0 })
        #expect(eventually { (camera.statistics.encoders[1]?.packetsWritten ?? 0) > 10 })
        try camera.requestKeyFrame()
        #expect(eventually { camera.statistics.encoders[1]?.keyFrames == 2 })
        try camera.stopRecording()
        #expect(camera.statistics.encoders[1]?.keyFrames == 2)
    }
}
#endif
