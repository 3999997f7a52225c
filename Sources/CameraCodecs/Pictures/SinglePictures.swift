// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// The life of a codec that makes each picture by itself, on the calling thread.
final class SinglePictures: Sendable {
    private let state = Mutex(State.new)
    private let pool = BytePool()
    private let operation: String

    private enum State {
        case new
        case running(CodecConfiguration, @Sendable (Result<EncodedFrame, CameraError>) -> Void)
        case ended(CameraError)
    }

    /// Makes a life to be configured; `name` is the format's, for messages.
    init(_ name: String) {
        operation = "encoding \(name)"
    }

    /// Checks what is to be made; there are no options.
    func configure(
        _ configuration: CodecConfiguration, inputFormats: [PixelFormat],
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) {
        try configuration.options.check(known: [], for: configuration.format)
        guard inputFormats.contains(configuration.inputFormat) else {
            let names = inputFormats.map(\.name).joined(separator: ", ")
            throw CameraError(
                .invalidValue, operation, subject: configuration.inputFormat.name, reason: "the encoder takes \(names)")
        }
        try configuration.size.validated(operation)
        try configuration.frameRate.validated(operation)
        let isFirst = state.withLock { state in
            guard case .new = state else { return false }
            state = .running(configuration, deliver)
            return true
        }
        guard isFirst else { throw CameraError(.closed, operation, reason: "a codec is configured once") }
    }

    /// Makes a picture of a frame and delivers it as a key frame.
    func encode(
        _ frame: Frame, index: Int64, _ picture: (Frame, BytePool) throws(CameraError) -> PacketBytes
    ) throws(CameraError) {
        let (configuration, deliver) = try state.withLock { state throws(CameraError) in
            switch state {
            case .new: throw CameraError(.closed, operation, reason: "configure the codec first")
            case .running(let configuration, let deliver): return (configuration, deliver)
            case .ended(let error): throw error
            }
        }
        try frame.check(fits: configuration)
        let bytes = try picture(frame, pool)
        deliver(.success(EncodedFrame(bytes: bytes, type: .key, index: index)))
    }

    /// Takes no frames from now on.
    func drain() {
        end(CameraError(.closed, operation, reason: "the codec was drained"))
    }

    /// Takes no frames from now on.
    func close() {
        end(CameraError(.closed, operation))
    }

    private func end(_ error: CameraError) {
        let last = state.withLock { state in
            defer { state = .ended(error) }
            return state
        }
        // What the delivery holds is not to be freed with the lock held.
        _ = last
    }
}

extension BytePool {
    /// A block for a picture.
    func block(_ byteCount: Int, _ operation: String) throws(CameraError) -> PooledBytes {
        guard let block = take(byteCount) else {
            throw CameraError(.codec, operation, reason: "there is no memory for the picture")
        }
        return block
    }
}
