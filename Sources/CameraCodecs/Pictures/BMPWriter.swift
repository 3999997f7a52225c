// SPDX-License-Identifier: MIT

internal import CameraCore

/// BMP pictures of 24 bits per pixel: exact, and as large as they can be.
enum BMPWriter {
    static let codec = CodecDescription(
        .bmp, name: "swift-camera", version: nil, license: "MIT", inputFormats: [.bgr24], maker: picture)

    /// The file: BITMAPFILEHEADER, BITMAPINFOHEADER, then the rows from the lowest up, each filled up to four bytes.
    ///
    /// Source: Microsoft's documentation of "Bitmap Storage".
    private static func picture(_ frame: Frame, from pool: BytePool) throws(CameraError) -> PacketBytes {
        let rowBytes = 3 * frame.size.width
        let stride = (rowBytes + 3) & ~3
        let count = headerByteCount + stride * frame.size.height
        let block = try pool.block(count, "encoding BMP")
        var place = block.baseAddress
        func put(_ value: some FixedWidthInteger) {
            place.storeBytes(of: value.littleEndian, as: type(of: value))
            place += MemoryLayout.size(ofValue: value)
        }
        put(UInt16(0x4D42))
        put(UInt32(count))
        put(UInt32(0))
        put(UInt32(headerByteCount))
        put(UInt32(40))
        put(Int32(frame.size.width))
        put(Int32(frame.size.height))
        put(UInt16(1))
        put(UInt16(24))
        put(UInt32(0))
        put(UInt32(stride * frame.size.height))
        // 72 pixels per inch, in pixels per metre.
        put(Int32(2835))
        put(Int32(2835))
        put(UInt64(0))
        withExtendedLifetime(frame) {
            let pixels = frame.plane(0)
            for row in (0..<frame.size.height).reversed() {
                place.copyMemory(from: pixels.baseAddress + row * pixels.stride, byteCount: rowBytes)
                (place + rowBytes).initializeMemory(as: UInt8.self, repeating: 0, count: stride - rowBytes)
                place += stride
            }
        }
        return PacketBytes(block, count: count)
    }

    private static let headerByteCount = 54
}
