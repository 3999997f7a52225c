// SPDX-License-Identifier: MIT

public import CameraCore

/// Records raw video: `yuv420`, `nv12`, `rgb24`, `rgba`, `bgr24`, `bgra`, one packed picture after the other.
open class RawVideoEncoder: VideoEncoder, RawEncoding, @unchecked Sendable {
    private let pool = BytePool()

    /// Checks that the format is raw; there is no codec.
    open override func makeCodec(format: MediaFormat) throws -> (any Codec)? {
        try checkRaw(format)
        return nil
    }

    /// Checks that the picture is whole, then writes it.
    open override func callbackWrite(_ packet: Packet, key: OutputKey) throws -> Bool {
        if key != .motion { try checkLength(packet) }
        return try super.callbackWrite(packet, key: key)
    }

    override func rawBytes(of frame: Frame) throws(CameraError) -> PacketBytes {
        try packedBytes(of: frame, from: pool)
    }
}
