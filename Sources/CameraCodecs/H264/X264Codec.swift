// SPDX-License-Identifier: MIT

#if X264
internal import CX264
package import CameraCore

/// H.264 in software, by libx264.
///
/// Options that are not set have these values: the preset is "ultrafast"; the tune is "zerolatency", with which each
/// picture comes out before the next goes in ("none" means x264's plain settings); one thread encodes, which costs the
/// least processor time in all and, unlike several threads that share a VBV, gives the same bytes each time. Without a bit
/// rate and a quality, the bit rate is one bit for eight pixels, at least 1 Mbit/s. A bit rate is kept with a VBV of one
/// second from the first frame on, because x264 cannot change it live otherwise.
package final class X264Codec: Codec {
    private let encoder = LibraryEncoder<X264Session>()

    /// Makes a codec, which is configured afterwards.
    package init() {}

    /// The name of the library.
    package var name: String { "libx264" }

    /// NV12, which is how x264 keeps pictures, and planar 4:2:0.
    package var inputFormats: [PixelFormat] { [.nv12, .yuv420] }

    /// True: x264 copies each frame into its own layout.
    package var copiesFrames: Bool { true }

    /// The source's own colours; RGB becomes BT.601 in limited range, with the source's primaries and transfer curve.
    package func inputColor(for source: ColorSpace) -> ColorSpace { source.asVideo }

    /// Opens the encoder; returns SPS and PPS, and x264's identification message when headers are not in the packets.
    package func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        try encoder.configure(configuration, deliver: deliver)
    }

    /// Encodes on the calling thread; x264 copies the frame.
    package func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        try encoder.encode(frame, index: index, asKeyFrame: asKeyFrame)
    }

    /// Changes the bit rate, or the cap of a constant quality; throws `.unsupported` without a VBV.
    package func setBitRate(_ bitRate: Int) throws(CameraError) { try encoder.setBitRate(bitRate) }

    /// Delivers the packets of frames that x264 holds back for its lookahead; no frames are taken afterwards.
    package func drain() throws(CameraError) { try encoder.drain() }

    /// Frees the encoder.
    package func close() { encoder.close() }
}

extension X264Codec {
    static let description = CodecDescription(
        format: .h264, name: "libx264", version: X264_POINTVER, license: "GPL-2.0-or-later"
    ) {
        X264Codec()
    }
}
#endif
