// SPDX-License-Identifier: MIT

#if X265
internal import CX265
public import CameraCore

/// H.265 in software, by libx265.
///
/// What the options leave out: the preset is "ultrafast", the tune "zerolatency" (each picture comes out before the next
/// goes in; "none" for x265's plain settings), and x265 takes as many threads as there are processors, since one is
/// seldom enough. The bit rate is one bit for sixteen pixels, half a megabit per second at least, when neither it nor a
/// quality is given. A bit rate is kept with a VBV of one second from the first frame on, so that it can be changed live.
public final class X265Codec: Codec {
    private let encoder = LibraryEncoder<X265Session>()

    /// Makes a codec to be configured.
    public init() {}

    /// The library.
    public var name: String { "libx265" }

    /// Planar 4:2:0, the only layout that x265 takes.
    public var inputFormats: [PixelFormat] { [.yuv420] }

    /// Yes: x265 has a copy in its own layout.
    public var copiesFrames: Bool { true }

    /// The source's own; red, green and blue become BT.601, limited range, with their primaries and curve.
    public func inputColor(for source: ColorSpace) -> ColorSpace { source.asVideo }

    /// Opens the encoder; returns VPS, SPS and PPS, and the identification when headers are not in the packets.
    public func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        try encoder.configure(configuration, deliver: deliver)
    }

    /// Encodes on the calling thread and x265's own; x265 copies the frame.
    public func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        try encoder.encode(frame, index: index, asKeyFrame: asKeyFrame)
    }

    /// Changes the bit rate, or the cap of a quality; `.unsupported` without a VBV.
    public func setBitRate(_ bitRate: Int) throws(CameraError) { try encoder.setBitRate(bitRate) }

    /// Delivers what x265 still looks ahead at; no frames are taken afterwards.
    public func drain() throws(CameraError) { try encoder.drain() }

    /// Frees the encoder.
    public func close() { encoder.close() }
}

extension X265Codec {
    static let description = CodecDescription(
        format: .h265, name: "libx265", version: X265Library.version, license: "GPL-2.0-or-later"
    ) {
        X265Codec()
    }
}
#endif
