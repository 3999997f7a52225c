// SPDX-License-Identifier: MIT

#if X264
internal import CX264
public import CameraCore
internal import Synchronization

/// H.264 in software, by libx264.
///
/// What the options leave out: the preset is "ultrafast", the tune "zerolatency" (each picture comes out before the next
/// goes in; "none" for x264's plain settings), and one thread encodes, which costs the least processor time in all and,
/// unlike several that share a VBV, gives the same bytes each time. The bit rate is one bit for eight pixels, a
/// megabit per second at least, when neither it nor a quality is given. A bit rate is kept with a VBV of one second from the first frame on, because x264 cannot
/// change it live otherwise.
public final class X264Codec: Codec {
    private let state = Mutex(State.new)

    private enum State {
        case new
        case running(X264Session)
        case ended(CameraError)
    }

    /// Makes a codec to be configured.
    public init() {}

    /// NV12, which is how x264 keeps pictures, and planar 4:2:0.
    public var inputFormats: [PixelFormat] { [.nv12, .yuv420] }

    /// The source's own; red, green and blue become BT.601, limited range, with their primaries and curve.
    public func inputColor(for source: ColorSpace) -> ColorSpace {
        guard source.matrix == .rgb else { return source }
        return ColorSpace(primaries: source.primaries, transfer: source.transfer, matrix: .bt601, range: .limited)
    }

    /// Opens the encoder; returns SPS and PPS, and the identification when headers are not in the packets.
    public func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        let session = try X264Session(configuration, deliver: deliver)
        try state.withLock { state throws(CameraError) in
            guard case .new = state else {
                throw CameraError(.closed, X264Parameters.operation, reason: "a codec is configured once")
            }
            state = .running(session)
        }
        return session.headers
    }

    /// Encodes on the calling thread; x264 copies the frame.
    public func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        try step { (session) throws(CameraError) in
            try session.encode(frame, index: index, asKeyFrame: asKeyFrame)
        }
    }

    /// Changes the bit rate, or the cap of a quality; `.unsupported` without a VBV.
    public func setBitRate(_ bitRate: Int) throws(CameraError) {
        try withSession { (session) throws(CameraError) in try session.setBitRate(bitRate) }
    }

    /// Delivers what x264 still looks ahead at; no frames are taken afterwards.
    public func drain() throws(CameraError) {
        do throws(CameraError) {
            while try withSession({ $0.hasDelayedFrames }) {
                try step { $0.flush() }
            }
        } catch  where error.code == .closed {
            return
        }
        end(CameraError(.closed, "encoding H.264", reason: "the codec was drained"))
    }

    /// Frees the encoder.
    public func close() {
        end(CameraError(.closed, "encoding H.264"))
    }

    /// Delivers the packet that a step of the encoder yields; nothing goes on after a failed one.
    private func step(
        _ body: (X264Session) throws(CameraError) -> Result<EncodedFrame?, CameraError>
    ) throws(CameraError) {
        let (result, deliver) = try withSession { (session) throws(CameraError) in (try body(session), session.deliver)
        }
        switch result {
        case .success(let packet):
            // The lock is free again: a delivery may take long.
            if let packet { deliver(.success(packet)) }
        case .failure(let error):
            end(error)
            throw error
        }
    }

    private func withSession<Value>(
        _ body: (X264Session) throws(CameraError) -> Value
    ) throws(CameraError) -> Value {
        try state.withLock { state throws(CameraError) in
            switch state {
            case .new: throw CameraError(.closed, "encoding H.264", reason: "configure the codec first")
            case .running(let session): return try body(session)
            case .ended(let error): throw error
            }
        }
    }

    /// Frees the encoder, outside the lock since others' objects may go with it.
    private func end(_ error: CameraError) {
        _ = state.withLock { state in
            let previous = state
            state = .ended(error)
            return previous
        }
    }
}

extension X264Codec {
    static let description = CodecDescription(
        format: .h264, name: "libx264", version: X264_POINTVER, license: "GPL-2.0-or-later"
    ) {
        X264Codec()
    }
}
#endif
