// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// A row of picamera's table of recordings (`RECORDING_CASES` in its test_record.py), in our options' names.
///
/// Its bit rate of 0, which means "by quality alone", is left out. Its quality of H.264 is a rate factor here.
struct RecordingCase: CustomTestStringConvertible, Sendable {
    let format: MediaFormat
    let fileExtension: String
    let resize: Resolution?
    let options: EncoderOptions
    let testDescription: String

    private init(
        _ format: MediaFormat, _ description: String, resize: Resolution? = nil,
        _ configure: (inout EncoderOptions) -> Void = { _ in }
    ) {
        self.format = format
        self.fileExtension = format == .h264 ? ".h264" : format == .mjpeg ? ".mjpg" : ".data"
        self.resize = resize
        self.options = EncoderOptions(configure)
        self.testDescription = "\(format) \(description)"
    }

    #if X264
    static let all = h264 + others
    #else
    static let all = others
    #endif

    /// One of each kind.
    static let few = [all[0], others[0], others[3]]

    private static let h264 = [
        RecordingCase(.h264, "baseline") { $0.profile = "baseline" },
        RecordingCase(.h264, "high") { $0.profile = "high" },
        RecordingCase(.h264, "at 640x480", resize: Resolution(640, 480)),
        RecordingCase(.h264, "of quality 20") { $0.quality = 20 },
        RecordingCase(.h264, "of quality 40 and 1 Mb/s") {
            $0.bitRate = 1_000_000; $0.quality = 40
        },
        RecordingCase(.h264, "with one key frame and 10 Mb/s") {
            $0.bitRate = 10_000_000; $0.keyFrameInterval = 0
        },
        RecordingCase(.h264, "with a key frame each 15 and 10 Mb/s") {
            $0.bitRate = 10_000_000; $0.keyFrameInterval = 15
        },
        RecordingCase(.h264, "with headers once a file and 10 Mb/s") {
            $0.bitRate = 10_000_000; $0.inlineHeaders = false
        },
        RecordingCase(.h264, "with SEI and 10 Mb/s") {
            $0.bitRate = 10_000_000; $0.sei = true
        },
        RecordingCase(.h264, "at 15 Mb/s") { $0.bitRate = 15_000_000 },
        RecordingCase(.h264, "main at 20 Mb/s") {
            $0.bitRate = 20_000_000; $0.profile = "main"
        },
    ]

    private static let others = [
        RecordingCase(.mjpeg, "plain"),
        RecordingCase(.mjpeg, "at 10 Mb/s") { $0.bitRate = 10_000_000 },
        RecordingCase(.mjpeg, "of quality 20") { $0.quality = 20 },
        RecordingCase(.yuv420, "packed"),
        RecordingCase(.rgb24, "packed"),
        RecordingCase(.rgba, "packed"),
    ]

    /// Expects files that decode alone and together show every picture once.
    ///
    /// - Returns: The number of pictures in each file.
    func expectWhole(_ paths: [String], mode: PicameraMode, count: Int?) throws -> [Int] {
        let size = resize ?? mode.size
        let numbers: [[UInt32?]]
        if let layout = format.pixelFormat {
            numbers = try paths.map { path in
                let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                let byteCount = try #require(layout.byteCount(of: size))
                #expect(!bytes.isEmpty && bytes.count.isMultiple(of: byteCount), "\(bytes.count) bytes")
                return NumberedVideo.numbers(in: bytes, size: size, format: layout)
            }
        } else {
            numbers = try expectVideos(paths.map { ($0, size) }, format, profiles: profiles).map(\.numbers)
        }
        let all = numbers.flatMap(\.self)
        #expect(all == (0..<UInt32(all.count)).map { $0 })
        #expect(all.count == count)
        return numbers.map(\.count)
    }

    /// What the stream may say: profiles are limits, and one that needs no more says that it is of a lower one.
    private var profiles: [String]? {
        guard format == .h264 else { return nil }
        let allowed = ["baseline": 1, "main": 2][options.profile ?? "high"] ?? 3
        return Array(["Constrained Baseline", "Main", "High"].prefix(allowed))
    }
}

/// Expects videos without a fault of the given codec and sizes, each decoded alone.
@discardableResult
func expectVideos(
    _ files: [(path: String, size: Resolution)], _ format: MediaFormat, profiles: [String]? = nil
) throws -> [NumberedVideo] {
    let videos = try NumberedVideo.decode(files, input: ["-f", "\(format)"])
    for (video, file) in zip(videos, files) {
        #expect(video.complaints == "", "\(file.path)")
        let probed = try ProbedVideo(file.path, format: "\(format)")
        #expect(probed.codec == "\(format)")
        #expect(probed.size == file.size)
        if let profiles { #expect(profiles.contains { $0 == probed.profile }, "\(probed.profile ?? "none")") }
        guard format == .mjpeg else { continue }
        let pictures = try jpegPictures(in: [UInt8](Data(contentsOf: URL(fileURLWithPath: file.path))))
        #expect(pictures.map(\.size) == Array(repeating: file.size, count: video.numbers.count))
    }
    return videos
}
