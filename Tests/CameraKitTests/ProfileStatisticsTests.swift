// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import Foundation
import TestSupport
import Testing

/// The statistics tell the profile that the stream has, which ffprobe judges.
@Suite struct ProfileStatisticsTests {
    private static let frameCount = 10

    private func record(
        _ format: MediaFormat, from source: any VideoSource, options: EncoderOptions = EncoderOptions()
    ) throws -> (told: String?, probed: String?) {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let path = folder.path("out.\(format)")
        try camera.startRecording(to: .path(path), format: format, options: options)
        #expect(try camera.waitRecording() == .ended)
        let told = camera.statistics.encoders[1]?.profile
        try camera.stopRecording()
        let probed = try ProbedVideo(path, format: format == .h265 ? "hevc" : format.rawValue)
        return (told, probed.profile)
    }

    private func pictures() throws -> TestCamera {
        try TestCamera(
            resolution: Resolution(160, 120), frameRate: 30, pacing: .none, frameLimit: Self.frameCount)
    }

    @Test(arguments: [
        ("ultrafast", nil, "Constrained Baseline"), ("ultrafast", "baseline", "Constrained Baseline"),
        ("ultrafast", "main", "Main"), ("ultrafast", "high", "High"), ("medium", nil, "High"),
    ])
    func ofH264(preset: String, profile: String?, expected: String) throws {
        let options = EncoderOptions {
            $0.preset = preset
            $0.profile = profile
        }
        let found = try record(.h264, from: try pictures(), options: options)
        #expect(found.told == expected && found.probed == expected, "\(found)")
    }

    @Test func ofLosslessPictures() throws {
        let found = try record(.h264, from: try pictures(), options: EncoderOptions { $0.quality = 0 })
        #expect(found.told == "High 4:4:4 Predictive" && found.probed == found.told, "\(found)")
    }

    @Test(arguments: [false, true]) func ofACamerasOwnH264(sendsParameterSetsOnce: Bool) throws {
        var manner = CodedCamera.Manner()
        manner.frameLimit = Self.frameCount
        manner.sendsParameterSetsOnce = sendsParameterSetsOnce
        let found = try record(.h264, from: try CodedCamera(manner))
        #expect(found.told == "Constrained Baseline" && found.probed == found.told, "\(found)")
    }

    #if X265
    @Test func ofH265() throws {
        let found = try record(.h265, from: try pictures())
        #expect(found.told == "Main" && found.probed == "Main", "\(found)")
    }
    #endif

    @Test func otherFormatsHaveNone() throws {
        #expect(try record(.mjpeg, from: try pictures()).told == nil)
    }
}
#endif
