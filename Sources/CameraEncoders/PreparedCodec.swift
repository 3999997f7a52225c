// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// A codec that was made and configured, with the parameter sets that it gave.
struct PreparedCodec {
    /// Nil for raw formats.
    let codec: (any Codec)?
    let input: EncoderInput
    let parameterSets: [UInt8]
    let relay: PacketRelay
}

/// Leads packets from a codec, which is made with the encoder, to the session, which is made with each start.
final class PacketRelay: Sendable {
    // Weak, since the session keeps the codec and the codec keeps this.
    private let session = Mutex(WeakSession())

    private struct WeakSession {
        weak var value: EncodingSession?
    }

    func connect(_ session: EncodingSession) {
        self.session.withLock { $0.value = session }
    }

    func deliver(_ result: Result<EncodedFrame, CameraError>) {
        session.withLock { $0.value }?.deliver(result)
    }
}
