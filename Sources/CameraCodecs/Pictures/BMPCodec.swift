// SPDX-License-Identifier: MIT

public import CameraCore

/// BMP pictures of 24 bits per pixel: exact, and as large as they can be.
///
/// It has no options, and works on the calling thread.
public final class BMPCodec: Codec {
    private let pictures = SinglePictures("BMP")

    /// Makes a codec to be configured.
    public init() {}

    /// This package itself.
    public var name: String { Self.maker }

    /// B, G, R, as the file has them.
    public var inputFormats: [PixelFormat] { [.bgr24] }

    /// The frame is copied.
    public var copiesFrames: Bool { true }

    /// sRGB in full range.
    public func inputColor(for source: ColorSpace) -> ColorSpace { .sRGB }

    /// Refuses all options; BMP has no parameter sets.
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
    fileprivate static let maker = "swift-camera"
}

extension BMPCodec {
    static let description = CodecDescription(format: .bmp, name: maker, version: nil, license: "MIT") { BMPCodec() }
}
