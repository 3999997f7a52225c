// SPDX-License-Identifier: MIT

public import CameraCore

/// An encoder that writes raw pictures without a codec: packed, with no padding between rows or planes.
public protocol RawEncoding: CameraEncoder {}

extension RawEncoding {
    /// The layout of the pictures.
    public var pixelFormat: PixelFormat? { format.pixelFormat }

    /// The number of bytes of each picture; nil when the encoder never ran.
    public var frameByteCount: Int? {
        currentSession?.run.flatMap { $0.input.format.byteCount(of: $0.input.size) }
    }

    /// Refuses a format that is not raw.
    func checkRaw(_ format: MediaFormat) throws(CameraError) {
        guard format.isRaw else {
            let names = MediaFormat.raw.map(\.rawValue).joined(separator: ", ")
            throw CameraError(
                .invalidFormat, "making a raw encoder", subject: format.rawValue, reason: "it is not one of \(names)")
        }
    }
}

extension EncodingSession {
    /// Refuses a packet of a raw recording that is not one whole picture.
    func checkLength(of packet: Packet) throws(CameraError) {
        guard let count = run?.rawByteCount, packet.bytes.count != count else { return }
        throw CameraError(
            .codec, "writing a raw picture", reason: "it has \(packet.bytes.count) bytes instead of \(count)")
    }

    /// A raw picture's bytes: the frame's own memory where it is packed, a copy otherwise.
    ///
    /// Of memory that a device waits for it is a copy as well, unless the outputs keep up and it is written at once.
    func rawBytes(of frame: Frame, from pool: BytePool) throws(CameraError) -> PacketBytes {
        guard run?.rawByteCount != nil else {
            throw CameraError(
                .unsupported, "encoding",
                reason: "the encoder has no codec (makeCodec gave none); mix RawEncoding into its class to write raw "
                    + "pictures")
        }
        let count = frame.packedByteCount
        if frame.isPacked, !frame.isLoan || packets.depth.packets == 0 {
            return PacketBytes(baseAddress: frame.plane(0).baseAddress, count: count, owner: frame)
        }
        guard let bytes = pool.take(count) else {
            throw CameraError(.system, "keeping a raw picture", reason: "no memory left in the pool")
        }
        frame.copyPacked(to: bytes.baseAddress)
        return PacketBytes(bytes, count: count)
    }
}
