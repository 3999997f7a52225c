// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import CameraImaging
import Foundation
import TestSupport
import Testing

/// PNG, GIF and BMP pictures of contents that look like a camera's, by the judgement of ImageMagick and ffmpeg.
@Suite struct PictureFormatTests {
    static let formats: [MediaFormat] = [.bmp, .png, .gif].filter { format in
        Codecs.available.contains { $0.format == format }
    }

    /// A frame that ffmpeg drew.
    static func frame(
        _ content: String, _ format: PixelFormat = .yuv420, _ size: Resolution, _ color: ColorSpace = .bt601
    ) throws -> Frame {
        let names: [PixelFormat: String] = [.yuv420: "yuv420p", .nv12: "nv12", .rgb24: "rgb24"]
        let matrix = color.matrix == .bt709 ? "bt709" : "bt601"
        let result = try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "\(content)=size=\(size)", "-vf",
                "scale=out_color_matrix=\(matrix):out_range=\(color.range == .full ? "pc" : "tv")", "-frames:v", "1",
                "-f", "rawvideo", "-pix_fmt", names[format] ?? "", "-",
            ])
        let block = try #require(BytePool().take(result.output.count))
        try #require(result.output.count == format.byteCount(of: size), "\(result.errors)")
        result.output.copyBytes(to: block.baseAddress.assumingMemoryBound(to: UInt8.self), count: result.output.count)
        let info = FrameInfo(timestamp: .now, wallTime: .now, sequence: 0)
        return Frame(packed: format, size: size, color: color, info: info, bytes: block)
    }

    /// A picture of a frame, and the frame as the codec was given it.
    static func picture(
        _ frame: Frame, _ format: MediaFormat, _ set: (inout EncoderOptions) -> Void = { _ in }
    ) throws -> (file: Data, input: Frame) {
        let codec = try Codecs.make(for: format)
        let layout = codec.inputFormats[0]
        let color = codec.inputColor(for: frame.color)
        let converter = FrameConverter(pool: BytePool())
        let input = try #require(try converter.convert(frame, to: layout, size: frame.size, color: color))
        let deliveries = Deliveries()
        _ = try codec.configure(
            CodecConfiguration(
                format: format, inputFormat: layout, size: frame.size, frameRate: 30, color: color,
                options: EncoderOptions(set))
        ) { deliveries.take($0) }
        try codec.encode(input, index: 0, asKeyFrame: false)
        try codec.drain()
        return (try #require(try deliveries.packets().first).bytes, input)
    }

    static func rgb(_ frame: Frame) throws -> Data {
        let converted = try FrameConverter(pool: BytePool()).convert(
            frame, to: .rgb24, size: frame.size, color: .sRGB)
        let rgb = try #require(converted)
        return Data(bytes: rgb.plane(0).baseAddress, count: rgb.plane(0).byteCount)
    }

    /// A file's pixels as R, G, B, by a program of others.
    private static func decode(_ file: Data, _ format: MediaFormat, by program: String) throws -> Data {
        let result =
            switch program {
            case "convert": try run("convert", ["\(format):-", "-depth", "8", "rgb:-"], input: file)
            default:
                try run(
                    "ffmpeg",
                    [
                        "-v", "error", "-xerror", "-err_detect", "explode", "-f", "\(format)_pipe", "-i", "-",
                        // ffmpeg 7 repeats the picture of a GIF for as long as it is shown.
                        "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-",
                    ], input: file)
            }
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        return result.output
    }

    @Test(
        arguments: formats.flatMap { format in
            [Resolution(640, 480), Resolution(1280, 720), Resolution(202, 134), Resolution(2, 2)].map { (format, $0) }
        }, ["convert", "ffmpeg"])
    func areReadAsTheFramesRGB(_ item: (format: MediaFormat, size: Resolution), program: String) throws {
        let (format, size) = item
        let cases: [(String, PixelFormat, ColorSpace)] = [
            ("smptebars", .nv12, .bt601), ("testsrc2", .yuv420, .bt709), ("mandelbrot", .yuv420, .jpeg),
            ("testsrc", .rgb24, .sRGB),
        ]
        for (content, layout, color) in cases where size.width >= 16 || content == "smptebars" {
            let frame = try Self.frame(content, layout, size, color)
            let (file, _) = try Self.picture(frame, format)
            let decoded = try Self.decode(file, format, by: program)
            let expected = try Self.rgb(frame)
            if format == .gif {
                #expect(psnr(decoded, expected) > 27, "\(content)")
            } else {
                #expect(decoded == expected, "\(content)")
            }
        }
    }

    #if Pictures
    /// Pictures of few colours lose nothing.
    @Test func gifKeepsFewColors() throws {
        let frame = try Self.frame("pal75bars", .rgb24, Resolution(96, 64), .sRGB)
        let (file, _) = try Self.picture(frame, .gif)
        #expect(try Self.decode(file, .gif, by: "convert") == Self.rgb(frame))
    }

    /// giflib is not made for several threads at once.
    @Test func gifsOfSeveralThreadsAreThemselves() throws {
        let frame = try Self.frame("testsrc2", .rgb24, Resolution(160, 120), .sRGB)
        let other = try Self.frame("mandelbrot", .rgb24, Resolution(160, 120), .sRGB)
        let expected = [try Self.picture(frame, .gif).file, try Self.picture(other, .gif).file]
        let found = Deliveries()
        let threads = try (0..<4).map { number in
            try WorkerThread("gif\(number)") {
                for _ in 0..<10 {
                    let file = try? Self.picture(number % 2 == 0 ? frame : other, .gif).file
                    if file != expected[number % 2] {
                        found.take(.failure(CameraError(.codec, "making equal pictures")))
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(found.count == 0)
    }
    #endif

    @Test(arguments: formats) func takesNoOptions(format: MediaFormat) throws {
        let sets: [(inout EncoderOptions) -> Void] = [
            { $0.quality = 90 }, { $0.exif = ["IFD0.Artist": "Me!"] }, { $0.thumbnail = .off },
            { $0.restartInterval = 1 }, { $0.threads = 1 },
        ]
        let frame = try Self.frame("smptebars", .rgb24, Resolution(32, 32), .sRGB)
        for set in sets {
            let error = #expect(throws: CameraError.self) { try Self.picture(frame, format, set) }
            #expect(error?.code == .unknownOption)
        }
    }

    /// The whole way from a camera's frame, against libjpeg's own program on the picture in R, G, B.
    @Test(arguments: ["testsrc2", "smptebars", "mandelbrot"], [50, 85, 95])
    func jpegIsAsGoodAsCjpeg(content: String, quality: Int) throws {
        let size = Resolution(640, 480)
        let frame = try Self.frame(content, .rgb24, size, .sRGB)
        let original = try Self.rgb(frame)
        let input = Data("P6\n640 480\n255\n".utf8) + original
        let theirs = try run("cjpeg", ["-quality", "\(quality)", "-sample", "2x2"], input: input).output
        let ours = try Self.picture(frame, .jpeg) { $0.quality = quality }.file
        func loss(_ file: Data) throws -> Double {
            let decoded = try run("djpeg", ["-pnm"], input: file)
            #expect(decoded.status == 0 && decoded.errors.isEmpty)
            return psnr(decoded.output.suffix(original.count), original)
        }
        let (oursLoss, theirsLoss) = (try loss(ours), try loss(theirs))
        #expect(abs(oursLoss - theirsLoss) < 0.1, "\(oursLoss) and \(theirsLoss)")
    }
}
