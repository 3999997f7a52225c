// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// A driver's layout that frames cannot have, and that libv4lconvert converts to one that they can have.
///
/// These are the layouts of libv4lconvert 1.22. Its limits: pictures lose what is beyond 8 bits and, of Y, U and V, beyond
/// a chroma sample for four pixels; rows must not be padded; it computes on one thread, and each frame costs as much as a
/// copy or more.
struct ExoticFormat: Hashable, Sendable {
    /// The driver's layout.
    let pixelFormat: PixelFormat
    /// The layout of the frames.
    let frameFormat: PixelFormat
    /// Bits of a row per pixel of its width; nil for compressed layouts, which have no rows.
    let bitsPerPixel: Int?

    /// The exotic layout with this code; nil when it is none.
    init?(_ pixelFormat: PixelFormat) {
        guard let found = Self.all.first(where: { $0.pixelFormat == pixelFormat }) else { return nil }
        self = found
    }

    private init(_ code: String, _ frameFormat: PixelFormat, bits: Int?) {
        pixelFormat = PixelFormat(code: code) ?? PixelFormat(rawValue: 0)
        self.frameFormat = frameFormat
        bitsPerPixel = bits
    }

    /// Whether the driver's rows are as libv4lconvert takes them.
    func canRead(_ image: ImageFormat) -> Bool {
        guard let bitsPerPixel else { return true }
        return image.stride * 8 == image.size.width * bitsPerPixel
    }

    /// Every exotic layout, in the order in which they are chosen.
    static let all: [ExoticFormat] = subsampled + colors + compressed + compressedColors + deepGreys

    /// YVYU, YVU 4:2:0, 4:2:2 in two planes, Y and UV in turns.
    private static let subsampled = [
        Self("YVYU", .yuv420, bits: 16), Self("YV12", .yuv420, bits: 8), Self("NV16", .yuv420, bits: 8),
        Self("NV61", .yuv420, bits: 8), Self("M420", .yuv420, bits: 8),
    ]

    /// RGB 5:6:5, and the orders of 8 bits in 32.
    private static let colors =
        [Self("RGBP", .rgb24, bits: 16)]
        + ["RGB4", "BGR4", "BX24", "XR24", "BA24"].map { Self($0, .rgb24, bits: 32) }

    /// The cameras of Linux' gspca drivers, compressed in their makers' ways.
    private static let compressed = ["S501", "S505", "S508", "CITV", "KONI", "S920", "CPIA", "O511", "O518"].map {
        Self($0, .yuv420, bits: nil)
    }
    private static let compressedColors = ["S561", "P207", "M310", "JL20", "905C", "S910", "SONX", "S680", "S401"].map {
        Self($0, .rgb24, bits: nil)
    }

    /// Grey with 16 bits, the low byte first and last.
    private static let deepGreys = ["Y16 ", "Y16 -BE"].map { Self($0, .yuv420, bits: 16) }
}

extension PixelFormat {
    /// The layout of the frames that are made of pictures with this layout; nil when none can be.
    var frameFormat: PixelFormat? {
        if PixelFormat.known.contains(inOneMemory) { return inOneMemory }
        return DeepGrey(self) == nil ? ExoticFormat(self)?.frameFormat : .grey
    }
}
