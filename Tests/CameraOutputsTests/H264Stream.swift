// SPDX-License-Identifier: MIT

import CameraCore
import Foundation
import TestSupport
import Testing

/// A stream that another program encoded, as packets in the order of decoding.
struct H264Stream {
    /// The packets, with parameter sets in front of each key frame.
    let packets: [Packet]
    /// The stream's parameter sets.
    let parameterSets: [UInt8]
    /// The path of the same stream in a container.
    let container: String

    /// Encodes moving pictures of 160x120 at 30 frames per second.
    init(frames: Int, bFrames: Int, keyFrameInterval: Int, in folder: TemporaryFolder) throws {
        container = folder.path("stream.mp4")
        let encoding = try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=30", "-frames:v", "\(frames)",
                "-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-bf", "\(bFrames)",
                "-g", "\(keyFrameInterval)", "-x264-params", "slices=1:scenecut=0:b-adapt=0", container,
            ])
        try #require(encoding.status == 0, "\(encoding.errors)")
        let raw = try run(
            "ffmpeg", ["-v", "error", "-i", container, "-c", "copy", "-bsf:v", "h264_mp4toannexb", "-f", "h264", "-"])
        let probe = try run(
            "ffprobe", ["-v", "error", "-show_entries", "packet=pts_time,dts_time", "-of", "csv=p=0", container])
        let times = probe.text.split(whereSeparator: \.isWhitespace).map {
            $0.split(separator: ",").compactMap { Double($0) }
        }
        let pictures = Self.pictures(of: Array(raw.output))
        try #require(pictures.count == frames && times.count == frames)
        let first = try #require(times.map { $0[0] }.min())
        packets = zip(pictures, times).map { picture, times in
            let info = Pictures.info(
                Int64(((times[0] - first) * 30).rounded()), picture.isKey ? .key : .predicted,
                at: .seconds(times[0] - first), decodedAt: .seconds(times[1] - first),
                headerByteCount: picture.headerByteCount)
            return Pictures.packet(picture.bytes, info)
        }
        parameterSets = Array(pictures[0].bytes.prefix(pictures[0].headerByteCount))
    }

    private struct Picture {
        var bytes: [UInt8] = []
        var headerByteCount = 0
        var isKey = false
    }

    /// Splits a byte stream in which each picture is one slice (ITU-T H.264, annex B and table 7-1).
    private static func pictures(of stream: [UInt8]) -> [Picture] {
        var starts: [Int] = []
        for index in stream.indices.dropLast(3)
        where stream[index] == 0 && stream[index + 1] == 0 && stream[index + 2] == 1 {
            starts.append(index > 0 && stream[index - 1] == 0 ? index - 1 : index)
        }
        var pictures: [Picture] = []
        var picture = Picture()
        for (number, start) in starts.enumerated() {
            let unit = stream[start..<(number + 1 < starts.count ? starts[number + 1] : stream.count)]
            let type = (unit.drop { $0 == 0 }.dropFirst().first ?? 0) & 31
            let isSlice = type == 1 || type == 5
            if isSlice {
                picture.headerByteCount = type == 5 ? picture.bytes.count : 0
                picture.isKey = type == 5
            }
            picture.bytes += unit
            if isSlice {
                pictures.append(picture)
                picture = Picture()
            }
        }
        return pictures
    }

    /// Decodes a byte stream strictly.
    ///
    /// - Returns: The number of its frames.
    static func decode(_ path: String) throws -> Int {
        let result = try run(
            "ffmpeg",
            [
                "-v", "error", "-xerror", "-err_detect", "explode", "-f", "h264", "-i", path, "-f", "framemd5", "-",
            ])
        try #require(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        return result.text.split(separator: "\n").count { !$0.hasPrefix("#") }
    }
}
