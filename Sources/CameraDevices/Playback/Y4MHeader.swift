// SPDX-License-Identifier: MIT

internal import CameraCore

/// The first line of a YUV4MPEG2 file.
///
/// Source: `yuv4mpeg(5)` of mjpegtools, and the `XCOLORRANGE` that ffmpeg and x264 add to it.
struct Y4MHeader {
    /// What the frames are like.
    let stream: VideoStream
    /// Bytes of the line, its end included.
    let byteCount: Int

    /// What such a file begins with.
    static let magic = "YUV4MPEG2"

    /// Reads the header.
    ///
    /// - Throws: `.corruptData` for a header that cannot be understood, `.unsupported` for layouts that the package does
    ///   not have.
    init(of bytes: FileBytes) throws(CameraError) {
        func failure(_ code: CameraError.Code, _ reason: String) -> CameraError {
            CameraError(code, "reading the YUV4MPEG2 header", subject: bytes.path, reason: reason)
        }
        let limit = 4096
        guard let line = try bytes.line(at: 0, limit: limit) else {
            throw failure(.corruptData, "the header line does not end within \(limit) bytes")
        }
        byteCount = line.utf8.count + 1
        var size = Resolution(0, 0)
        var frameRate: FrameRate = 25
        var format = PixelFormat.yuv420
        var color = ColorSpace.unspecified
        var aspect = PixelAspect.square
        for field in line.split(separator: " ").dropFirst() {
            let value = field.dropFirst()
            switch field.first {
            case "W": size.width = Int(value) ?? 0
            case "H": size.height = Int(value) ?? 0
            case "F":
                // 0:0 stands for unknown, for which ffmpeg takes 25 as well.
                guard value != "0:0" else { break }
                guard let rate = Self.frameRate(value) else {
                    throw failure(.corruptData, "its frame rate '\(value)' is none")
                }
                frameRate = rate
            case "C":
                guard let known = Self.formats[String(value)] else {
                    throw failure(
                        .unsupported, "its colour layout '\(value)' is none of \(Self.formats.keys.sorted())")
                }
                format = known
            case "A":
                let terms = value.split(separator: ":").map { Int32($0) ?? 0 }
                if terms.count == 2 { aspect = PixelAspect(Int(terms[0]), Int(terms[1])) }
            case "I":
                guard value == "p" || value == "?" else {
                    throw failure(.unsupported, "it is interlaced ('\(field)'); deinterlace it with ffmpeg -vf bwdif")
                }
            case "X":
                if field == "XCOLORRANGE=FULL" { color.range = .full }
            default: break
            }
        }
        let sides = 1...Resolution.largestSide
        guard sides.contains(size.width), sides.contains(size.height) else {
            throw failure(
                .corruptData,
                "its size \(size) is none: width and height must lie between 1 and \(Resolution.largestSide)")
        }
        var stream = VideoStream(format: format, size: size, frameRate: frameRate, color: color)
        stream.pixelAspect = aspect
        self.stream = stream
    }

    /// The values of the field C; they differ in where chroma lies between the pixels, which frames do not say.
    private static let formats: [String: PixelFormat] = [
        "420": .yuv420, "420jpeg": .yuv420, "420mpeg2": .yuv420, "420paldv": .yuv420, "422": .yuv422, "mono": .grey,
    ]

    private static func frameRate(_ text: Substring) -> FrameRate? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let numerator = Int32(parts[0]), let denominator = Int32(parts[1]) else { return nil }
        return try? FrameRate(Int(numerator), Int(denominator)).validated("reading the frame rate")
    }
}
