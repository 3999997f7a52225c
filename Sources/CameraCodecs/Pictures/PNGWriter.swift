// SPDX-License-Identifier: MIT

#if Pictures
internal import CPNG
internal import CameraCore

/// PNG pictures, exact, by libpng; no other format takes as long.
enum PNGWriter {
    static let codec = CodecDescription(
        .png, name: "libpng", version: String(cString: png_get_libpng_ver(nil)), license: "libpng-2.0",
        inputFormats: [.rgb24, .bgr24], maker: picture)

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
}

extension png_image {
    /// libpng's warning or error.
    var text: String {
        withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
#endif
