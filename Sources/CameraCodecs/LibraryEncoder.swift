// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// The life of a codec whose work a library does: configured once, running, ended for good.
final class LibraryEncoder<Session: LibrarySession>: Sendable {
    private let state = Mutex(State.new)

    private enum State {
        case new
        case running(Session)
        case ended(CameraError)
    }

    /// Opens the library's encoder and returns its parameter sets.
    func configure(
        _ configuration: CodecConfiguration, deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        let session = try Session(configuration, deliver: deliver)
        try state.withLock { state throws(CameraError) in
            guard case .new = state else {
                throw CameraError(.closed, Session.operation, reason: "a codec is configured once")
            }
            state = .running(session)
        }
        return session.headers
    }

    /// Encodes on the calling thread.
    func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        _ = try step { (session) throws(CameraError) in
            try session.encode(frame, index: index, asKeyFrame: asKeyFrame)
        }
    }

    /// Changes the bit rate.
    func setBitRate(_ bitRate: Int) throws(CameraError) {
        try withSession { (session) throws(CameraError) in try session.setBitRate(bitRate) }
    }

    /// Delivers what the library still looks ahead at; no frames are taken afterwards.
    func drain() throws(CameraError) {
        do throws(CameraError) {
            while try step({ $0.flush() }) {}
        } catch  where error.code == .closed {
            return
        }
        end(CameraError(.closed, Session.operation, reason: "the codec was drained"))
    }

    /// Frees the library's encoder.
    func close() {
        end(CameraError(.closed, Session.operation))
    }

    /// Delivers the packet that a step of the encoder yields; nothing goes on after a failed one.
    ///
    /// - Returns: Whether there was a packet.
    private func step(
        _ body: (Session) throws(CameraError) -> Result<EncodedFrame?, CameraError>
    ) throws(CameraError) -> Bool {
        let (result, session) = try withSession { (session) throws(CameraError) in (try body(session), session) }
        switch result {
        case .success(let packet):
            // The lock is free again: a delivery may take long.
            if let packet { session.deliver(.success(packet)) }
            return packet != nil
        case .failure(let error):
            end(error)
            throw error
        }
    }

    private func withSession<Value>(_ body: (Session) throws(CameraError) -> Value) throws(CameraError) -> Value {
        try state.withLock { state throws(CameraError) in
            switch state {
            case .new: throw CameraError(.closed, Session.operation, reason: "configure the codec first")
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
