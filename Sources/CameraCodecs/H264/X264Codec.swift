// SPDX-License-Identifier: MIT

#if X264
internal import CX264
public import CameraCore

/// H.264 in software, by libx264.
///
/// What the options leave out: the preset is "ultrafast", the tune "zerolatency" (each picture comes out before the next
/// goes in; "none" for x264's plain settings), and one thread encodes, which costs the least processor time in all and,
/// unlike several that share a VBV, gives the same bytes each time. The bit rate is one bit for eight pixels, a
/// megabit per second at least, when neither it nor a quality is given. A bit rate is kept with a VBV of one second from the first frame on, because x264 cannot
/// change it live otherwise.
public final class X264Codec: Codec {
    private let encoder = LibraryEncoder<X264Session>()

    /// Makes a codec to be configured.
    public init() {}

    /// The library.
    public var name: String { "libx264" }

    /// NV12, which is how x264 keeps pictures, and planar 4:2:0.
    public var inputFormats: [PixelFormat] { [.nv12, .yuv420] }

    /// Yes: x264 has a copy in its own layout.
    public var copiesFrames: Bool { true }

    /// The source's own; red, green and blue become BT.601, limited range, with their primaries and curve.
    public func inputColor(for source: ColorSpace) -> ColorSpace { source.asVideo }

    /// Opens the encoder; returns SPS and PPS, and the identification when headers are not in the packets.
    public func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        try encoder.configure(configuration, deliver: deliver)
    }

    /// Encodes on the calling thread; x264 copies the frame.
    public func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        try encoder.encode(frame, index: index, asKeyFrame: asKeyFrame)
    }

    /// Changes the bit rate, or the cap of a quality; `.unsupported` without a VBV.
    public func setBitRate(_ bitRate: Int) throws(CameraError) { try encoder.setBitRate(bitRate) }

    /// Delivers what x264 still looks ahead at; no frames are taken afterwards.
    public func drain() throws(CameraError) { try encoder.drain() }

    /// Frees the encoder.
    public func close() { encoder.close() }
}

extension X264Codec {
    static let description = CodecDescription(
        format: .h264, name: "libx264", version: X264_POINTVER, license: "GPL-2.0-or-later"
    ) {
        X264Codec()
    }
}
#endif
