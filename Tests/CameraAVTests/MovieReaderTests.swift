// SPDX-License-Identifier: MIT

#if Containers

import CameraAV
import CameraCore
import Foundation
import TestSupport
import Testing

struct MovieReaderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// A movie of ffmpeg's own test picture.
    private func movie(_ name: String, _ arguments: [String]) throws -> String {
        let result = try run(
            "ffmpeg",
            ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25"] + arguments + [folder.path(name)])
        #expect(result.status == 0, "\(result.errors)")
        return folder.path(name)
    }

    private func info(_ time: Int64) -> FrameInfo {
        FrameInfo(timestamp: Timestamp(nanoseconds: time), wallTime: WallTime(nanosecondsSince1970: 0), sequence: 0)
    }

    private func frames(_ reader: MovieReader) throws -> [Frame] {
        var frames: [Frame] = []
        while case .frame(let frame) = try reader.read(info) { frames.append(frame) }
        return frames
    }

    @Test(
        "The layout, size and colours are those of the movie",
        arguments: [
            (["-c:v", "libx264", "-pix_fmt", "yuv420p"], PixelFormat.yuv420, ColorSpace.Range.limited),
            (["-c:v", "libx264", "-pix_fmt", "yuvj420p"], .yuv420, .full),
            (["-c:v", "libx264", "-pix_fmt", "yuv422p"], .yuv422, .limited),
            (["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"], .yuv420, .full),
            (["-c:v", "mjpeg", "-pix_fmt", "yuvj422p"], .yuv422, .full),
            (["-c:v", "ffv1", "-pix_fmt", "gray"], .grey, .full),
            (["-c:v", "rawvideo", "-pix_fmt", "nv12"], .nv12, .limited),
            (["-c:v", "rawvideo", "-pix_fmt", "yuyv422"], .yuyv, .limited),
            (["-c:v", "png", "-pix_fmt", "rgb24"], .rgb24, .full),
            (["-c:v", "png", "-pix_fmt", "rgba"], .rgba, .full),
        ])
    func layouts(arguments: [String], format: PixelFormat, range: ColorSpace.Range) throws {
        let path = try movie("a.nut", arguments + ["-frames:v", "3"])
        let reader = try MovieReader(path: path)
        #expect(reader.stream.format == format)
        #expect(reader.stream.size == Resolution(160, 120))
        #expect(reader.stream.frameRate == 25)
        #expect(reader.stream.color.range == range)
        let names: [PixelFormat: String] = [
            .yuv420: range == .full ? "yuvj420p" : "yuv420p", .yuv422: range == .full ? "yuvj422p" : "yuv422p",
            .grey: "gray", .nv12: "nv12", .yuyv: "yuyv422", .rgb24: "rgb24", .rgba: "rgba",
        ]
        let expected = try run(
            "ffmpeg", ["-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", try #require(names[format]), "-"])
        let bytes = try frames(reader).reduce(into: Data()) { $0 += packedBytes($1) }
        #expect(areDecodedAlike(bytes, expected.output))
    }

    @Test("Colours that the movie states arrive")
    func colors() throws {
        let path = try movie(
            "a.mp4",
            [
                "-frames:v", "2", "-c:v", "libx264", "-pix_fmt", "yuv420p",
                // From 7 on ffmpeg takes the colours from the frames, before from the options.
                "-vf", "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709",
                "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
            ])
        #expect(try MovieReader(path: path).stream.color == .bt709)
        let silent = try movie("b.mp4", ["-frames:v", "2", "-c:v", "libx264", "-pix_fmt", "yuv420p"])
        #expect(try MovieReader(path: silent).stream.color == .unspecified)
    }

    @Test("A picture that lies from the bottom up is turned over")
    func bottomUp() throws {
        let path = try movie("a.avi", ["-frames:v", "2", "-c:v", "rawvideo", "-pix_fmt", "bgr24"])
        let expected = try run("ffmpeg", ["-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "bgr24", "-"])
        let frames = try frames(MovieReader(path: path))
        #expect(frames.count == 2)
        #expect(frames.reduce(into: Data()) { $0 += packedBytes($1) } == expected.output)
    }

    @Test("A layout that the package has no name for is refused by its name")
    func unknownLayout() throws {
        let path = try movie("a.mkv", ["-frames:v", "2", "-c:v", "ffv1", "-pix_fmt", "yuv420p10le"])
        let error = #expect(throws: CameraError.self) { try MovieReader(path: path) }
        #expect(error?.code == .unsupported)
        #expect(try #require(error).description.contains("yuv420p10"))
    }

    /// JPEG pictures of cameras are sampled in more ways than frames; their luma stays, and chroma is averaged or doubled.
    @Test(
        "Chroma for one or four pixels across becomes chroma for two",
        arguments: [
            (["-c:v", "mjpeg", "-pix_fmt", "yuvj444p"], PixelFormat.yuv422, 1, 1),
            (["-c:v", "libx264", "-pix_fmt", "yuv444p"], .yuv422, 1, 1),
            (["-c:v", "rawvideo", "-pix_fmt", "yuv440p"], .yuv420, 1, 2),
            (["-c:v", "ffv1", "-pix_fmt", "yuv411p"], .yuv422, 4, 1),
        ], ["160x120", "81x35"])
    func otherSamplings(
        _ movie: (arguments: [String], format: PixelFormat, across: Int, down: Int), _ size: String
    ) throws {
        let path = try self.movie("a.nut", ["-frames:v", "1", "-vf", "scale=\(size)"] + movie.arguments)
        let reader = try MovieReader(path: path)
        #expect(reader.stream.format == movie.format)
        let frame = try #require(try frames(reader).first)
        let source = [UInt8](
            try run("ffmpeg", ["-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", movie.arguments[3], "-"]).output
        )
        let (width, height) = (frame.size.width, frame.size.height)
        var expected = Array(source[..<(width * height)])
        let (columns, rows) = ((width + movie.across - 1) / movie.across, (height + movie.down - 1) / movie.down)
        for plane in 0..<2 {
            let start = width * height + plane * columns * rows
            for row in 0..<rows {
                for x in 0..<(width + 1) / 2 {
                    let pair = [2 * x, min(2 * x + 1, width - 1)].map {
                        Int(source[start + row * columns + $0 / movie.across])
                    }
                    expected.append(UInt8((pair[0] + pair[1] + 1) / 2))
                }
            }
        }
        #expect(areDecodedAlike(packedBytes(frame), Data(expected)))
    }

    @Test("A stream in no container takes the rate that it is given, a container keeps its own")
    func givenRate() throws {
        let bare = try movie("a.mjpeg", ["-frames:v", "4"])
        let reader = try MovieReader(path: bare, frameRate: FrameRate(15, 2))
        #expect(reader.stream.frameRate == FrameRate(15, 2))
        for round in 0..<2 {
            let times = try frames(reader).map { $0.info.timestamp.nanoseconds / 1000 }
            let first = Int64(round) * 4
            #expect(times == (first..<first + 4).map { $0 * 2_000_000 / 15 })
            try reader.rewind()
        }
        let contained = try movie("a.mp4", ["-frames:v", "4", "-c:v", "libx264"])
        #expect(try MovieReader(path: contained, frameRate: 10).stream.frameRate == 25)
    }

    @Test("Pictures that change their size end the movie with a clear error")
    func sizeChanges() throws {
        let small = try movie("a.h264", ["-frames:v", "5", "-c:v", "libx264", "-bf", "0"])
        let large = try movie("b.h264", ["-frames:v", "5", "-c:v", "libx264", "-bf", "0", "-vf", "scale=320:240"])
        let both = folder.file("c.h264")
        try (Data(contentsOf: URL(fileURLWithPath: small)) + Data(contentsOf: URL(fileURLWithPath: large)))
            .write(to: both)
        let reader = try MovieReader(path: both.path)
        var count = 0
        let error = #expect(throws: CameraError.self) {
            while case .frame = try reader.read(info) { count += 1 }
        }
        #expect(count == 5)
        #expect(error?.code == .unsupported)
        #expect(try #require(error).description.contains("160x120 yuv420 to 320x240"))
    }

    @Test("Frames outlive their reader")
    func framesOutliveReader() throws {
        let path = try movie("a.mp4", ["-frames:v", "20", "-c:v", "libx264", "-pix_fmt", "yuv420p"])
        var kept: [Frame] = []
        do {
            kept = try frames(MovieReader(path: path))
        }
        let expected = try run("ffmpeg", ["-v", "error", "-i", path, "-f", "rawvideo", "-"])
        #expect(kept.count == 20)
        #expect(kept.reduce(into: Data()) { $0 += packedBytes($1) } == expected.output)
    }

    @Test("A name with a colon is a file, not an address")
    func colonInName() throws {
        let path = try movie("a.mp4", ["-frames:v", "2", "-c:v", "libx264", "-pix_fmt", "yuv420p"])
        let odd = folder.path("concat:x|http:y")
        try FileManager.default.moveItem(atPath: path, toPath: odd)
        #expect(try frames(MovieReader(path: odd)).count == 2)
    }
}

#endif
