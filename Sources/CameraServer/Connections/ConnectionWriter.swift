// SPDX-License-Identifier: MIT

internal import CameraCore

/// Writes answers and pictures to one connection, each whole.
final class ConnectionWriter: Sendable {
    private let connection: Connection
    private let state = Monitor(State.free)

    private enum State {
        case free
        case busy
        /// A part was written at once; this is the rest.
        case owing(ArraySlice<UInt8>)
        /// A part was written, and what follows would not be understood.
        case broken
    }

    /// What became of bytes that were to be written without waiting.
    enum AtOnce {
        case written
        /// A part was written; the rest goes in front of what is written next, for which ``write(_:)`` is to be called soon.
        case begun
        /// Nothing was written.
        case refused
    }

    init(_ connection: Connection) { self.connection = connection }

    /// Writes all of the bytes, after what others write now.
    ///
    /// - Throws: `CancellationError`, ``ConnectionFault``.
    func write(_ bytes: [UInt8]) async throws {
        let turn = await state.suspend(until: nil) { state -> ArraySlice<UInt8>?? in
            switch state {
            case .busy: return nil
            case .broken: return .some(nil)
            case .free:
                state = .busy
                return []
            case .owing(let rest):
                state = .busy
                return rest
            }
        }
        guard let turn else { throw CancellationError() }
        guard let rest = turn else { throw ConnectionFault.ended }
        do {
            try await connection.write(rest)
            try await connection.write(bytes)
            state.update { $0 = .free }
        } catch {
            state.update { $0 = .broken }
            throw error
        }
    }

    /// Writes bytes without waiting, on whatever thread that is, unless others write now.
    func writeAtOnce(_ bytes: [UInt8]) -> AtOnce {
        let isMine = state.withLock { state in
            guard case .free = state else { return false }
            state = .busy
            return true
        }
        guard isMine else { return .refused }
        let written = connection.writeAtOnce(bytes)
        return state.update { state in
            switch written {
            case bytes.count:
                state = .free
                return .written
            case 0:
                state = .free
                return .refused
            case nil:
                // Who writes next is told.
                state = .broken
                return .refused
            case let count?:
                state = .owing(bytes[count...])
                return .begun
            }
        }
    }
}
