// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// A codec that makes each picture by itself, on the calling thread, and has no options.
///
/// The frame is copied or compressed at once. There are no parameter sets; each picture is a key frame, delivered before
/// ``encode(_:index:asKeyFrame:)`` returns.
final class SinglePictureCodec: Codec {
    /// Makes the bytes of a file, in a block of the pool.
    typealias Maker = @Sendable (Frame, BytePool) throws(CameraError) -> PacketBytes

    let name: String
    let inputFormats: [PixelFormat]
    let copiesFrames = true
    private let maker: Maker
    private let operation: String
    private let state = Mutex(State.new)
    private let pool = BytePool()

    private enum State {
        case new
        case running(CodecConfiguration, @Sendable (Result<EncodedFrame, CameraError>) -> Void)
        case ended(CameraError)
    }

    /// Makes a codec to be configured.
    ///
    /// - Parameters:
    ///   - format: What it makes, for messages.
    ///   - name: The library.
    ///   - inputFormats: The layouts that `maker` takes, the cheapest first.
    ///   - maker: Called with frames of the configured size, in one of the layouts.
    init(_ format: MediaFormat, name: String, inputFormats: [PixelFormat], maker: @escaping Maker) {
        self.name = name
        self.inputFormats = inputFormats
        self.maker = maker
        operation = "encoding \(format.rawValue.uppercased())"
    }

    /// sRGB in full range; a sensor's own colours remain as they are.
    func inputColor(for source: ColorSpace) -> ColorSpace {
        inputFormats.allSatisfy { $0.bayer != nil } ? source : .sRGB
    }

    func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
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
        return []
    }

    func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        let (configuration, deliver) = try state.withLock { state throws(CameraError) in
            switch state {
            case .new: throw CameraError(.closed, operation, reason: "configure the codec first")
            case .running(let configuration, let deliver): return (configuration, deliver)
            case .ended(let error): throw error
            }
        }
        try frame.check(fits: configuration)
        let bytes = try maker(frame, pool)
        deliver(.success(EncodedFrame(bytes: bytes, type: .key, index: index)))
    }

    func drain() {
        end(CameraError(.closed, operation, reason: "the codec was drained"))
    }

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

extension CodecDescription {
    /// Describes a codec that makes each picture by itself.
    init(
        _ format: MediaFormat, name: String, version: String?, license: String, inputFormats: [PixelFormat],
        maker: @escaping SinglePictureCodec.Maker
    ) {
        self.init(format: format, name: name, version: version, license: license) {
            SinglePictureCodec(format, name: name, inputFormats: inputFormats, maker: maker)
        }
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
