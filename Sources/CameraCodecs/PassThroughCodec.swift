// SPDX-License-Identifier: MIT

package import CameraCore
internal import Synchronization

/// Hands on what a camera has compressed, byte for byte: motion JPEG, H.264, H.265.
///
/// Nothing is decoded, so that size, frame rate and quality are those of the camera. Key frames come when the camera makes
/// them. A camera may send the parameter sets of H.264 and H.265 once only; they are remembered, and put in front of the
/// first picture of a file that lacks them (with `inlineHeaders`, in front of each key frame).
package final class PassThroughCodec: Codec {
    private let format: PixelFormat
    private let pool = BytePool()
    private let state = Mutex(State())

    private struct State {
        var deliver: (@Sendable (Result<EncodedFrame, CameraError>) -> Void)?
        var addsToEachKeyFrame = false
        var parameterSets: [UInt8] = []
        var isConfigured = false

        /// Remembers the parameter sets in front of a picture; a set of all kinds replaces what was there.
        mutating func note(_ picture: CodedPicture, of frame: Frame) {
            guard !picture.parameterSets.isEmpty else { return }
            let plane = frame.plane(0)
            let bytes = UnsafeRawBufferPointer(start: plane.baseAddress, count: plane.byteCount)
            withExtendedLifetime(frame) {
                if picture.headerByteCount > 0 {
                    parameterSets = picture.parameterSets.flatMap { bytes[$0] }
                } else {
                    // Picture parameter sets by themselves, which add to the sequence's; the latest of a number counts.
                    let more = picture.parameterSets.flatMap { bytes[$0] }
                    if parameterSets.count + more.count <= 1 << 16, !parameterSets.contains(more) {
                        parameterSets += more
                    }
                }
            }
        }
    }

    /// Makes a codec for a camera's format.
    ///
    /// - Parameter format: A compressed format; a raw one is a programming error.
    package init(of format: PixelFormat) {
        precondition(format.isCompressed, "raw frames have encoders of their own")
        self.format = format
    }

    /// Whether a recording can take a camera's pictures as they are.
    ///
    /// H.264 and H.265 are not decoded here, so they are always passed through, and options that need an encoder are
    /// errors; motion JPEG is compressed anew where an option or a size asks for it.
    ///
    /// - Parameters:
    ///   - stream: What the camera delivers.
    ///   - format: What is to be recorded.
    ///   - resize: The size to scale to, if any.
    ///   - options: What was asked of the encoder.
    /// - Returns: Whether the recording can be what the camera delivers.
    package static func fits(
        _ stream: VideoStream, format: MediaFormat, resize: Resolution?, options: EncoderOptions
    ) -> Bool {
        switch (stream.format, format) {
        case (.h264, .h264), (.h265, .h265): true
        case (.mjpeg, .mjpeg): (resize == nil || resize == stream.size) && options.namesSet.isEmpty
        default: false
        }
    }

    /// The camera's compressed format, and no other.
    package var inputFormats: [PixelFormat] { [format] }

    /// False: key frames come when the camera makes them; with motion JPEG each picture is one.
    package var makesKeyFrames: Bool { false }

    /// The parameter sets that came last, as a byte stream; empty before the first.
    package var parameterSets: [UInt8] { state.withLock { $0.parameterSets } }

    /// Refuses options that need an encoder; the parameter sets are not known yet.
    package func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        let known = format.isInterCoded ? ["inlineHeaders"] : []
        if let name = configuration.options.namesSet.first(where: { !known.contains($0) }) {
            throw CameraError(
                .unsupported, Self.operation, subject: name,
                reason: "the camera's own \(configuration.format) is recorded as it comes; leave the option out, set a "
                    + "control of the camera, or choose a raw format of the camera to have an encoder")
        }
        let isFirst = state.withLock { state in
            guard !state.isConfigured else { return false }
            state.isConfigured = true
            state.deliver = deliver
            state.addsToEachKeyFrame = configuration.options.inlineHeaders == true
            return true
        }
        guard isFirst else { throw CameraError(.closed, Self.operation, reason: "a codec is configured once") }
        return []
    }

    /// Delivers the picture; its bytes are copied where they lie in a buffer that the device needs back.
    ///
    /// - Throws: `.codec` when a key frame is demanded and the frame is none; `.invalidValue` for a frame of another format.
    package func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        guard frame.format == format else {
            throw CameraError(
                .invalidValue, Self.encoding, reason: "the frame is \(frame.format.name) instead of \(format.name)")
        }
        let picture = frame.codedPicture
        let lineage = format.isInterCoded ? picture?.lineage ?? .trailing : .start(isOpen: false)
        let isKeyFrame = if case .start = lineage { true } else { false }
        guard isKeyFrame || !asKeyFrame else {
            throw CameraError(
                .codec, Self.encoding, reason: "the camera's frame is no key frame, and cannot become one")
        }
        let own = picture?.headerByteCount ?? 0
        let (deliver, missing) = state.withLock { state in
            if let picture { state.note(picture, of: frame) }
            let isWanted = isKeyFrame && own == 0 && (asKeyFrame || index == 0 || state.addsToEachKeyFrame)
            return (state.deliver, isWanted ? state.parameterSets : [])
        }
        guard let deliver else { throw CameraError(.closed, Self.encoding) }
        let bytes = try packet(of: frame, adding: missing, at: picture?.insertionPoint ?? 0)
        var encoded = EncodedFrame(
            bytes: bytes, headerByteCount: missing.isEmpty ? own : (picture?.insertionPoint ?? 0) + missing.count,
            type: isKeyFrame ? .key : .predicted, index: index)
        encoded.lineage = lineage
        deliver(.success(encoded))
    }

    /// Returns at once: nothing is held back.
    package func drain() throws(CameraError) {}

    /// Ends delivering.
    package func close() { state.withLock { $0.deliver = nil } }

    /// The picture's bytes with parameter sets put in: the frame's own memory where nothing is added and no device waits.
    private func packet(of frame: Frame, adding sets: [UInt8], at place: Int) throws(CameraError) -> PacketBytes {
        let plane = frame.plane(0)
        if sets.isEmpty, !frame.isLoan {
            return PacketBytes(baseAddress: plane.baseAddress, count: plane.byteCount, owner: frame)
        }
        let count = plane.byteCount + sets.count
        guard let block = pool.take(count) else {
            throw CameraError(.system, Self.encoding, reason: "no memory left in the pool")
        }
        withExtendedLifetime(frame) {
            block.baseAddress.copyMemory(from: plane.baseAddress, byteCount: place)
            sets.withUnsafeBytes { sets in
                if let start = sets.baseAddress {
                    (block.baseAddress + place).copyMemory(from: start, byteCount: sets.count)
                }
            }
            (block.baseAddress + place + sets.count)
                .copyMemory(from: plane.baseAddress + place, byteCount: plane.byteCount - place)
        }
        return PacketBytes(block, count: count)
    }

    private static let operation = "recording as the camera delivers"
    private static let encoding = "passing on a frame"
}
