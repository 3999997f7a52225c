// SPDX-License-Identifier: MIT

#if X265
internal import CX265
package import CameraCore

/// H.265 in software, by libx265.
///
/// Options that are not set have these values: the preset is "ultrafast"; the tune is "zerolatency", with which each
/// picture comes out before the next goes in ("none" means x265's plain settings); x265 uses as many threads as there are
/// processors, since one is seldom enough. Without a bit rate and a quality, the bit rate is one bit for sixteen pixels, at
/// least 0.5 Mbit/s. A bit rate is kept with a VBV of one second from the first frame on, so that it can be changed live.
package final class X265Codec: Codec {
    private let encoder = LibraryEncoder<X265Session>()

    /// Makes a codec, which is configured afterwards.
    package init() {}

    /// The name of the library.
    package var name: String { "libx265" }

    /// Planar 4:2:0, the only layout that x265 takes.
    package var inputFormats: [PixelFormat] { [.yuv420] }

    /// True: x265 copies each frame into its own layout.
    package var copiesFrames: Bool { true }

    /// The source's own colours; RGB becomes BT.601 in limited range, with the source's primaries and transfer curve.
    package func inputColor(for source: ColorSpace) -> ColorSpace { source.asVideo }

    /// Opens the encoder; returns VPS, SPS and PPS, and x265's identification message when headers are not in the packets.
    package func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        try encoder.configure(configuration, deliver: deliver)
    }

    /// Encodes on the calling thread and x265's own; x265 copies the frame.
    package func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        try encoder.encode(frame, index: index, asKeyFrame: asKeyFrame)
    }

    /// Changes the bit rate, or the cap of a constant quality; throws `.unsupported` without a VBV.
    package func setBitRate(_ bitRate: Int) throws(CameraError) { try encoder.setBitRate(bitRate) }

    /// Delivers the packets of frames that x265 holds back for its lookahead; no frames are taken afterwards.
    package func drain() throws(CameraError) { try encoder.drain() }

    /// Frees the encoder.
    package func close() { encoder.close() }
}

extension X265Codec {
    static let description = CodecDescription(
        format: .h265, name: "libx265", version: X265Library.version, license: "GPL-2.0-or-later"
    ) {
        X265Codec()
    }
}
#endif
