// SPDX-License-Identifier: MIT

public import CameraCore

/// What an ``EncoderChannel`` made of one frame: one access unit, in packs.
///
/// The bytes are the channel's own memory, shared and not copied; the channel takes the memory back when the last copy of
/// the stream is gone.
public struct EncodedStream: Sendable {
    /// The packs, in the order of the byte stream; at most ``maximumPackCount``.
    public let packs: [EncodedPack]
    /// The bytes of all packs together.
    public let bytes: PacketBytes
    /// The kind of picture.
    public let type: FrameType
    /// The presentation time that was given with the frame.
    public let presentationTime: Duration

    /// The most packs of a stream (`VENC_PACK_CNT_MAX` of the K230).
    public static let maximumPackCount = 12

    init(_ picture: EncodedFrame, presentationTime: Duration) {
        bytes = picture.bytes
        type = picture.type
        self.presentationTime = presentationTime
        var packs: [EncodedPack] = []
        if picture.headerByteCount > 0 {
            packs.append(
                EncodedPack(
                    type: .header, bytes: picture.bytes.slice(0..<picture.headerByteCount),
                    presentationTime: presentationTime))
        }
        packs.append(
            EncodedPack(
                type: picture.type == .key ? .key : .predicted,
                bytes: picture.bytes.slice(picture.headerByteCount..<picture.bytes.count),
                presentationTime: presentationTime))
        self.packs = packs
    }
}

/// A part of an ``EncodedStream``.
public struct EncodedPack: Sendable {
    /// The kind of content.
    public let type: Kind
    /// The bytes, shared with the stream.
    public let bytes: PacketBytes
    /// The presentation time that was given with the frame.
    public let presentationTime: Duration

    /// What a pack holds.
    public enum Kind: String, Hashable, Sendable {
        /// Parameter sets and messages.
        case header
        /// A picture that needs no other (I).
        case key
        /// A picture that needs others (P; B as well, where the options have it).
        case predicted
    }
}
