// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Foundation
import TestSupport
import Testing

/// The same conversions by ffmpeg's swscale, on a picture with edges, lines and text.
@Suite struct SwscaleTests {
    static let size = Resolution(320, 240)

    /// Runs ffmpeg with filters and reads raw frames from it.
    private func ffmpeg(
        _ input: [String], _ data: Data? = nil, _ filters: String, _ format: PixelFormat,
        flags: String = "accurate_rnd+full_chroma_int+bitexact+bilinear"
    ) throws -> Data {
        let result = try run(
            "ffmpeg",
            ["-v", "error", "-nostdin"] + input
                + [
                    "-vf", filters, "-frames:v", "1", "-sws_flags", flags, "-f", "rawvideo", "-pix_fmt",
                    format.ffmpegName, "-",
                ], input: data)
        try #require(result.status == 0, "\(result.errors)")
        return result.output
    }

    /// A frame of ffmpeg's test picture, softened as a lens does.
    private func testFrame(_ format: PixelFormat, _ color: ColorSpace) throws -> Frame {
        let data = try ffmpeg(
            ["-f", "lavfi", "-i", "testsrc2=size=\(Self.size)"], nil,
            "format=gbrp,gblur=sigma=3,scale=out_color_matrix=\(Self.matrix(color)):out_range=\(Self.range(color))",
            format)
        return try Frame.packed(data, format, Self.size, color)
    }

    private static func matrix(_ color: ColorSpace) -> String { color.matrix == .bt709 ? "bt709" : "bt601" }

    private static func range(_ color: ColorSpace) -> String { color.range == .full ? "pc" : "tv" }

    @Test(arguments: [
        (PixelFormat.nv12, ColorSpace.bt601, PixelFormat.yuv420, ColorSpace.bt601),
        (.yuv420, .bt709, .nv21, .bt709),
        (.yuyv, .bt601, .yuv422, .bt601),
        (.yuv422, .bt601, .uyvy, .bt601),
        (.uyvy, .bt601, .nv12, .bt601),
        (.rgb24, .sRGB, .bgra, .sRGB),
        (.rgb24, .sRGB, .yuv420, .bt601),
        (.bgra, .sRGB, .nv12, .bt709),
        (.rgba, .sRGB, .yuv422, .jpeg),
        (.yuv420, .bt601, .rgb24, .sRGB),
        (.nv12, .bt709, .bgra, .sRGB),
        (.yuv422, .jpeg, .bgr24, .sRGB),
        (.yuv420, .bt601, .yuv420, .jpeg),
        (.yuv420, .jpeg, .yuv420, .bt601),
        (.nv12, .bt601, .yuv420, .bt709),
        (.yuyv, .bt709, .yuv420, .jpeg),
        (.yuv420, .bt709, .grey, .bt709),
    ])
    func agrees(_ from: PixelFormat, _ fromColor: ColorSpace, _ to: PixelFormat, _ toColor: ColorSpace) throws {
        let frame = try testFrame(from, fromColor)
        var filter = "scale=in_range=\(Self.range(fromColor)):out_range=\(Self.range(toColor))"
        if !from.isRGB { filter += ":in_color_matrix=\(Self.matrix(fromColor))" }
        if !to.isRGB { filter += ":out_color_matrix=\(Self.matrix(toColor))" }
        // ffmpeg 7 stretches grey to the full range; its luma is what is meant.
        if to == .grey { filter += ",format=yuv420p,extractplanes=y" }
        let input = ["-f", "rawvideo", "-pix_fmt", from.ffmpegName, "-s", "\(Self.size)", "-i", "-"]
        // Pixels of R, G and B have the chroma sample that they shared.
        let flags = "accurate_rnd+full_chroma_int+bitexact+\(to.isRGB ? "neighbor" : "bilinear")"
        let theirs = try Frame.packed(
            try ffmpeg(input, frame.packedData, filter, to, flags: flags), to, Self.size, toColor)
        let converter = FrameConverter(pool: BytePool())
        let ours = try #require(try converter.convert(frame, to: to, size: Self.size, color: toColor))
        for channel in 0..<to.channelCount {
            let found = difference(ours.samples(channel), theirs.samples(channel))
            // swscale takes chroma from other places between the rows and columns, which shows at edges only.
            let keepsChroma =
                (from.sharing == to.sharing && fromColor.matrix == toColor.matrix)
                || (channel == 0 && !to.isRGB && !from.isRGB)
            let repeats = to.isRGB && !from.isRGB
            // Versions of swscale round a change of range differently.
            let rounds = repeats || fromColor.range != toColor.range
            let mean = keepsChroma ? (rounds ? 0.5 : 0.2) : repeats ? 0.5 : 1.2
            #expect(found.mean <= mean, "channel \(channel): \(found)")
            #expect(found.largest <= (repeats ? 2 : keepsChroma ? 4 : 32), "channel \(channel): \(found)")
        }
    }

    /// RGB of a picture with sharp edges is what swscale makes of it when each pixel has its own chroma sample.
    @Test(arguments: ["testsrc2", "smptebars", "mandelbrot"], [PixelFormat.yuv420, .nv12, .yuyv, .yuv422])
    func makesRGBAsSwscaleDoesWithoutInterpolation(content: String, format: PixelFormat) throws {
        for (size, color) in [
            (Resolution(320, 240), ColorSpace.bt601), (Resolution(1280, 720), .bt709), (Resolution(202, 134), .jpeg),
        ] {
            let scale = "scale=out_color_matrix=\(Self.matrix(color)):out_range=\(Self.range(color))"
            let data = try ffmpeg(["-f", "lavfi", "-i", "\(content)=size=\(size)"], nil, scale, format)
            let frame = try Frame.packed(data, format, size, color)
            let input = ["-f", "rawvideo", "-pix_fmt", format.ffmpegName, "-s", "\(size)", "-i", "-"]
            let back = "scale=in_color_matrix=\(Self.matrix(color)):in_range=\(Self.range(color))"
            let theirs = [UInt8](
                try ffmpeg(input, data, back, .rgb24, flags: "accurate_rnd+full_chroma_int+neighbor"))
            let converter = FrameConverter(pool: BytePool())
            let converted = try converter.convert(frame, to: .rgb24, size: size, color: .sRGB)
            let ours = [UInt8](try #require(converted).packedData)
            try #require(ours.count == theirs.count)
            let differences = zip(ours, theirs).map { abs(Int($0) - Int($1)) }
            #expect(differences.allSatisfy { $0 <= 2 }, "\(size): \(differences.max() ?? 0)")
            #expect(differences.count { $0 <= 1 } >= differences.count * 999 / 1000)
        }
    }
}
