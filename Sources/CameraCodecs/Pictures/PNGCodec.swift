// SPDX-License-Identifier: MIT

#if Pictures
internal import CPNG
public import CameraCore

/// PNG pictures, exact, by libpng.
///
/// It has no options, and works on the calling thread, which takes longer than any other format.
public final class PNGCodec: Codec {
    private let pictures = SinglePictures("PNG")

    /// Makes a codec to be configured.
    public init() {}

    /// The library.
    public var name: String { Self.library }

    /// R, G, B, or B, G, R.
    public var inputFormats: [PixelFormat] { [.rgb24, .bgr24] }

    /// The frame is compressed at once.
    public var copiesFrames: Bool { true }

    /// sRGB in full range.
    public func inputColor(for source: ColorSpace) -> ColorSpace { .sRGB }

    /// Refuses all options; PNG has no parameter sets.
    public func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        try pictures.configure(configuration, inputFormats: inputFormats, deliver: deliver)
        return []
    }

    /// Delivers the picture before it returns; each is a key frame.
    public func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        try pictures.encode(frame, index: index, Self.picture)
    }

    /// Takes no frames afterwards; nothing is held back.
    public func drain() throws(CameraError) { pictures.drain() }

    /// Takes no frames afterwards.
    public func close() { pictures.close() }

    private static func picture(_ frame: Frame, from pool: BytePool) throws(CameraError) -> PacketBytes {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        image.width = UInt32(frame.size.width)
        image.height = UInt32(frame.size.height)
        let order = frame.format == .bgr24 ? PNG_FORMAT_FLAG_BGR : 0
        image.format = PNG_FORMAT_FLAG_COLOR | order
        // Random bytes grow by less; what is not written to costs no memory.
        let pixelBytes = 3 * frame.size.pixelCount + frame.size.height
        var count = pixelBytes + pixelBytes / 64 + 65536
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
        defer { scratch.deallocate() }
        let status = withExtendedLifetime(frame) {
            let pixels = frame.plane(0)
            // Rows are counted in samples of a byte.
            return png_image_write_to_memory(
                &image, scratch, &count, 0, pixels.baseAddress, png_int_32(pixels.stride), nil)
        }
        guard status != 0 else { throw CameraError(.codec, "encoding PNG", reason: image.text) }
        let block = try pool.block(count, "encoding PNG")
        block.baseAddress.copyMemory(from: scratch, byteCount: count)
        return PacketBytes(block, count: count)
    }

    fileprivate static let library = "libpng"
}

extension PNGCodec {
    static let description = CodecDescription(
        format: .png, name: library, version: String(cString: png_get_libpng_ver(nil)), license: "libpng-2.0"
    ) {
        PNGCodec()
    }
}

extension png_image {
    /// libpng's warning or error.
    var text: String {
        withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
#endif
