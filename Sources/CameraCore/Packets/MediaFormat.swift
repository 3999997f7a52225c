// SPDX-License-Identifier: MIT

/// The format of a recording or a picture: "h264", "mjpeg", "yuv420", "jpeg".
public struct MediaFormat: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name in lower case.
    public let rawValue: String

    /// Makes a format from its name in lower case.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// H.264 as a byte stream (ITU-T H.264, annex B).
    public static let h264 = MediaFormat(rawValue: "h264")
    /// H.265 as a byte stream (ITU-T H.265, annex B).
    public static let h265 = MediaFormat(rawValue: "h265")
    /// FWHT, the format of the kernel's virtual encoder vicodec; for tests with ``EncoderOptions/codecDevice``.
    package static let fwht = MediaFormat(rawValue: "fwht")
    /// JPEG pictures, one after the other.
    public static let mjpeg = MediaFormat(rawValue: "mjpeg")
    /// Raw frames, packed: planes Y, U, V at 4:2:0.
    public static let yuv420 = MediaFormat(rawValue: "yuv420")
    /// Raw frames, packed: planes Y and UV at 4:2:0.
    public static let nv12 = MediaFormat(rawValue: "nv12")
    /// Raw frames, packed: bytes R, G, B.
    public static let rgb24 = MediaFormat(rawValue: "rgb24")
    /// Raw frames, packed: bytes R, G, B, A.
    public static let rgba = MediaFormat(rawValue: "rgba")
    /// Raw frames, packed: bytes B, G, R.
    public static let bgr24 = MediaFormat(rawValue: "bgr24")
    /// Raw frames, packed: bytes B, G, R, A.
    public static let bgra = MediaFormat(rawValue: "bgra")
    /// A JPEG picture.
    public static let jpeg = MediaFormat(rawValue: "jpeg")
    /// A PNG picture.
    public static let png = MediaFormat(rawValue: "png")
    /// A GIF picture.
    public static let gif = MediaFormat(rawValue: "gif")
    /// A BMP picture.
    public static let bmp = MediaFormat(rawValue: "bmp")
    /// A raw picture of the sensor's Bayer samples, as Adobe's Digital Negative.
    ///
    /// Only for cameras that deliver one of ``PixelFormat/bayerFormats``.
    public static let dng = MediaFormat(rawValue: "dng")

    /// The motion vectors of a recording, one record for each frame; see ``MotionField``.
    public static let motion = MediaFormat(rawValue: "motion")

    /// The formats of raw frames, for videos and pictures alike.
    public static let raw: [MediaFormat] = [.yuv420, .nv12, .rgb24, .rgba, .bgr24, .bgra]
    /// The formats that a recording can have.
    public static let video: [MediaFormat] = [.h264, .h265, .mjpeg] + raw
    /// The formats that a picture can have.
    public static let image: [MediaFormat] = [.jpeg, .png, .gif, .bmp, .dng] + raw

    /// Whether frames are written without a codec.
    public var isRaw: Bool { Self.raw.contains(self) }

    /// Whether decoding can start only at some of the pictures, the key frames.
    public var hasKeyFrames: Bool { self == .h264 || self == .h265 }

    /// The layout of a raw format's frames; nil for the others.
    public var pixelFormat: PixelFormat? { isRaw ? PixelFormat(name: rawValue) : nil }

    /// The text for messages.
    public var description: String { rawValue }

    /// Reads a format's name, picamera's names and MIME types among them: "yuv", "image/jpeg", "video/h264".
    ///
    /// - Parameters:
    ///   - name: The name, in upper or lower case.
    ///   - allowed: ``video`` or ``image``.
    /// - Throws: `.invalidFormat` that lists the formats.
    public init(named name: String, among allowed: [MediaFormat]) throws(CameraError) {
        var short = name.lowercased()
        for prefix in ["video/", "image/", "application/"] where short.hasPrefix(prefix) {
            short.removeFirst(prefix.count)
        }
        if short.hasPrefix("x-") { short.removeFirst(2) }
        let format = MediaFormat(rawValue: Self.aliases[short] ?? short)
        guard allowed.contains(format) else {
            throw CameraError(
                .invalidFormat, "choosing the format", subject: name, reason: Self.refusal(of: short, allowed))
        }
        self = format
    }

    /// Finds the format by a file name's extension.
    ///
    /// - Parameters:
    ///   - path: The file's name.
    ///   - allowed: ``video`` or ``image``.
    /// - Throws: `.invalidFormat` when there is no extension or it tells none of `allowed`.
    public init(forFile path: String, among allowed: [MediaFormat]) throws(CameraError) {
        // What an address receives unless the format is given.
        if path.contains("://"), allowed.contains(.h264) {
            self = .h264
            return
        }
        guard let suffix = Self.fileExtension(of: path) else {
            throw CameraError(
                .invalidFormat, "choosing the format", subject: path,
                reason: "the name has no extension to tell it; \(Self.endings(of: allowed))")
        }
        // What a container holds unless the format is given.
        if Self.containers.contains(suffix), allowed.contains(.h264) {
            self = .h264
            return
        }
        let format = MediaFormat(rawValue: Self.aliases[suffix] ?? suffix)
        guard allowed.contains(format) else {
            let kind = allowed.contains(.h264) ? "video" : "a picture"
            throw CameraError(
                .invalidFormat, "choosing the format", subject: path,
                reason: "\(kind) is not written to a .\(suffix) file; \(Self.endings(of: allowed))")
        }
        self = format
    }

    /// Why a format's name is refused, and what there is instead.
    private static func refusal(of name: String, _ allowed: [MediaFormat]) -> String {
        let names = allowed.map(\.rawValue)
        let list = names.joined(separator: ", ")
        if containers.contains(name) {
            return "that is a container, which the file's name tells (clip.\(name)); the format in it is one of \(list)"
        }
        return "it is not one of \(list)" + name.suggestion(among: names)
    }

    /// How to name a file so that its extension tells the format.
    private static func endings(of allowed: [MediaFormat]) -> String {
        let endings = allowed.contains(.h264) ? ".mp4, .mkv, .h264, .h265 or .mjpeg" : ".jpg, .png, .gif or .bmp"
        return "end it in \(endings), or name the format"
    }

    /// The extension of a path's last part in lower case; nil where there is none.
    package static func fileExtension(of path: String) -> String? {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex, name.index(after: dot) != name.endIndex else {
            return nil
        }
        return name[name.index(after: dot)...].lowercased()
    }

    /// The extensions of files that hold pictures in boxes of their own, or name such files.
    package static let containers: Set = ["mp4", "m4v", "mov", "mkv", "ts", "flv", "m3u8"]

    private static let aliases = [
        "264": "h264", "265": "h265", "hevc": "h265", "mjpg": "mjpeg", "jpg": "jpeg", "jpe": "jpeg", "ms-bmp": "bmp",
        "adobe-dng": "dng",
        "yuv": "yuv420", "i420": "yuv420", "rgb": "rgb24", "bgr": "bgr24",
    ]
}
