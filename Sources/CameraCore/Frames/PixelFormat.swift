// SPDX-License-Identifier: MIT

/// The layout of a frame's pixels in memory, named by V4L2's four-character code.
///
/// Codes that this version does not know keep their value and have no layout.
public struct PixelFormat: RawRepresentable, Hashable, Sendable {
    /// V4L2's code (`V4L2_PIX_FMT_…`): four ASCII characters, the first in the lowest byte.
    public let rawValue: UInt32

    /// Makes a format from V4L2's code.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Makes a format from V4L2's four characters, such as "NV12".
    public init(fourCC: StaticString) {
        precondition(fourCC.utf8CodeUnitCount == 4, "a code has four characters")
        // Without a loop, so that the compiler makes constants of the formats below, which are looked at for each frame.
        let characters = fourCC.utf8Start
        self.rawValue =
            UInt32(characters[0]) | UInt32(characters[1]) << 8 | UInt32(characters[2]) << 16
            | UInt32(characters[3]) << 24
    }

    /// Luma, then U, then V at half width and height (I420).
    ///
    /// `V4L2_PIX_FMT_YUV420`, libcamera `YUV420`.
    public static let yuv420 = PixelFormat(fourCC: "YU12")
    /// Luma, then U and V interleaved at half width and height.
    ///
    /// `V4L2_PIX_FMT_NV12`, libcamera `NV12`.
    public static let nv12 = PixelFormat(fourCC: "NV12")
    /// Luma, then V and U interleaved at half width and height.
    ///
    /// `V4L2_PIX_FMT_NV21`, libcamera `NV21`.
    public static let nv21 = PixelFormat(fourCC: "NV21")
    /// Luma, U and V at half width and full height, in three planes.
    ///
    /// `V4L2_PIX_FMT_YUV422P`, libcamera `YUV422`.
    public static let yuv422 = PixelFormat(fourCC: "422P")
    /// Y U Y V for two pixels.
    ///
    /// `V4L2_PIX_FMT_YUYV`, libcamera `YUYV`.
    public static let yuyv = PixelFormat(fourCC: "YUYV")
    /// U Y V Y for two pixels.
    ///
    /// `V4L2_PIX_FMT_UYVY`, libcamera `UYVY`.
    public static let uyvy = PixelFormat(fourCC: "UYVY")
    /// Luma alone.
    ///
    /// `V4L2_PIX_FMT_GREY`, libcamera `R8`.
    public static let grey = PixelFormat(fourCC: "GREY")
    /// Bytes R, G, B.
    ///
    /// `V4L2_PIX_FMT_RGB24`, libcamera `BGR888`.
    public static let rgb24 = PixelFormat(fourCC: "RGB3")
    /// Bytes B, G, R.
    ///
    /// `V4L2_PIX_FMT_BGR24`, libcamera `RGB888`.
    public static let bgr24 = PixelFormat(fourCC: "BGR3")
    /// Bytes R, G, B, A.
    ///
    /// `V4L2_PIX_FMT_RGBA32`, libcamera `ABGR8888`.
    public static let rgba = PixelFormat(fourCC: "AB24")
    /// Bytes B, G, R, A.
    ///
    /// `V4L2_PIX_FMT_ABGR32`, libcamera `ARGB8888`.
    public static let bgra = PixelFormat(fourCC: "AR24")
    /// One JPEG picture per frame.
    ///
    /// `V4L2_PIX_FMT_MJPEG`, libcamera `MJPEG`.
    public static let mjpeg = PixelFormat(fourCC: "MJPG")
    /// One H.264 picture per frame, as a byte stream.
    ///
    /// `V4L2_PIX_FMT_H264`; it can be recorded, but not decoded here.
    public static let h264 = PixelFormat(fourCC: "H264")
    /// One H.265 picture per frame, as a byte stream.
    ///
    /// `V4L2_PIX_FMT_HEVC`; it can be recorded, but not decoded here.
    public static let h265 = PixelFormat(fourCC: "HEVC")

    /// Every format whose layout is known.
    package static let known: [PixelFormat] =
        [
            .yuv420, .nv12, .nv21, .yuv422, .yuyv, .uyvy, .grey, .rgb24, .bgr24, .rgba, .bgra, .mjpeg,
            .h264, .h265,
        ] + bayerFormats

    /// The name in lower case, as options of the tool take it: "nv12", "yuv420", "rgb24", "rggb8".
    public var name: String { Self.names[self]?.name ?? bayer?.name ?? description }

    /// libcamera's name, which is DRM's; nil where there is none.
    ///
    /// The letters of RGB formats are in the order of a little-endian word: bytes R, G, B are called `BGR888`.
    package var libcameraName: String? { Self.names[self]?.libcamera ?? bayer?.libcameraName }

    /// Finds the format with this ``name`` (also "yuv", "i420", "rgb", "bgr", "gray"); nil when there is none.
    package init?(name: String) {
        let name = name.lowercased()
        let aliases = [
            "yuv": "yuv420", "i420": "yuv420", "rgb": "rgb24", "bgr": "bgr24", "gray": "grey", "yuy2": "yuyv",
            "hevc": "h265",
        ]
        let wanted = aliases[name] ?? name
        guard let found = Self.known.first(where: { $0.name == wanted }) else { return nil }
        self = found
    }

    private static let names: [PixelFormat: (name: String, libcamera: String?)] = [
        .yuv420: ("yuv420", "YUV420"), .nv12: ("nv12", "NV12"), .nv21: ("nv21", "NV21"),
        .yuv422: ("yuv422", "YUV422"), .yuyv: ("yuyv", "YUYV"), .uyvy: ("uyvy", "UYVY"), .grey: ("grey", "R8"),
        .rgb24: ("rgb24", "BGR888"), .bgr24: ("bgr24", "RGB888"), .rgba: ("rgba", "ABGR8888"),
        .bgra: ("bgra", "ARGB8888"), .mjpeg: ("mjpeg", "MJPEG"),
        .h264: ("h264", nil), .h265: ("h265", nil),
    ]
}

extension PixelFormat: CustomStringConvertible {
    /// The kernel's mark of formats whose samples have their high byte first (`v4l2_fourcc_be`).
    private static let highByteFirst: UInt32 = 1 << 31

    /// The four characters of V4L2's code; as in the kernel's tools, "-BE" follows where samples have their high byte first.
    public var description: String {
        let code = rawValue & ~Self.highByteFirst
        let characters = (0..<4).map { Character(UnicodeScalar(UInt8(truncatingIfNeeded: code >> (8 * UInt32($0))))) }
        return String(characters) + (code == rawValue ? "" : "-BE")
    }

    /// Reads a code as ``description`` writes it: "YV12", "Y16 -BE"; nil for any other text.
    package init?(code: String) {
        let characters = Array(code.utf8)
        guard characters.prefix(4).allSatisfy({ (0x20..<0x7F).contains($0) }), characters.count >= 4,
            ["", "-BE"].contains(String(code.dropFirst(4)))
        else { return nil }
        self.init(
            rawValue: characters.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
                | (characters.count > 4 ? Self.highByteFirst : 0))
    }
}

extension PixelFormat {
    /// The layout of one plane: the bytes of a sample group, and the pixels that share one.
    public struct PlaneLayout: Hashable, Sendable {
        /// Bytes of a sample group.
        public let bytesPerGroup: Int
        /// Pixels across that share a group.
        public let pixelsAcross: Int
        /// Pixels down that share a group.
        public let pixelsDown: Int

        /// Bytes that a row needs, without padding, for pictures of this width.
        public func rowBytes(width: Int) -> Int { (width + pixelsAcross - 1) / pixelsAcross * bytesPerGroup }

        /// Rows of the plane, for pictures of this height.
        public func rows(height: Int) -> Int { (height + pixelsDown - 1) / pixelsDown }
    }

    /// The number of planes in memory; 1 for compressed formats, 0 when the layout is not known.
    public var planeCount: Int {
        switch self {
        case .yuv420, .yuv422: 3
        case .nv12, .nv21: 2
        case .yuyv, .uyvy, .grey, .rgb24, .bgr24, .rgba, .bgra, .mjpeg, .h264, .h265: 1
        default: bayer == nil ? 0 : 1
        }
    }

    /// The layout of a plane; nil for compressed and unknown formats.
    public func layout(ofPlane plane: Int) -> PlaneLayout? {
        switch self {
        case .yuv420:
            plane == 0 ? Self.full(1) : PlaneLayout(bytesPerGroup: 1, pixelsAcross: 2, pixelsDown: 2)
        case .yuv422:
            plane == 0 ? Self.full(1) : PlaneLayout(bytesPerGroup: 1, pixelsAcross: 2, pixelsDown: 1)
        case .nv12, .nv21:
            plane == 0 ? Self.full(1) : PlaneLayout(bytesPerGroup: 2, pixelsAcross: 2, pixelsDown: 2)
        case .yuyv, .uyvy: PlaneLayout(bytesPerGroup: 4, pixelsAcross: 2, pixelsDown: 1)
        case .grey: Self.full(1)
        case .rgb24, .bgr24: Self.full(3)
        case .rgba, .bgra: Self.full(4)
        default: bayer?.layout
        }
    }

    /// Bytes of a picture without any padding; nil for compressed and unknown formats.
    public func byteCount(of size: Resolution) -> Int? {
        var sum = 0
        for plane in 0..<planeCount {
            guard let layout = layout(ofPlane: plane) else { return nil }
            sum += layout.rowBytes(width: size.width) * layout.rows(height: size.height)
        }
        return planeCount == 0 ? nil : sum
    }

    /// Whether a frame is a compressed picture.
    public var isCompressed: Bool { self == .mjpeg || isInterCoded }

    /// Whether a frame is a compressed picture that may need earlier ones; such frames are not decoded here.
    package var isInterCoded: Bool { self == .h264 || self == .h265 }

    /// Whether the samples are red, green and blue; true of Bayer formats as well.
    package var isRGB: Bool { [.rgb24, .bgr24, .rgba, .bgra].contains(self) || bayer != nil }

    /// Whether chroma is shared by pixels across, down, or both, so that sizes should be even.
    package var hasSubsampledChroma: Bool { planeCount > 0 && !isRGB && self != .grey && !isCompressed }

    private static func full(_ bytes: Int) -> PlaneLayout {
        PlaneLayout(bytesPerGroup: bytes, pixelsAcross: 1, pixelsDown: 1)
    }
}
