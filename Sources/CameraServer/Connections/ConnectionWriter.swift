// SPDX-License-Identifier: MIT

internal import CameraCore

/// Writes answers and pictures to one connection, each whole.
final class ConnectionWriter: Sendable {
    private let connection: Connection
    private let state = Monitor(State.free)

    private enum State {
        case free
        case busy
        /// A part was written, and what follows would not be understood.
        case broken
    }

    init(_ connection: Connection) { self.connection = connection }

    /// Writes all of the bytes, after what others write now.
    ///
    /// - Throws: `CancellationError`, ``ConnectionFault``.
    func write(_ bytes: [UInt8]) async throws {
        let turn = await state.suspend(until: nil) { state -> State? in
            guard state != .busy else { return nil }
            if state == .free { state = .busy }
            return state
        }
        guard let turn else { throw CancellationError() }
        guard turn == .busy else { throw ConnectionFault.ended }
        do {
            try await connection.write(bytes)
            state.update { $0 = .free }
        } catch {
            state.update { $0 = .broken }
            throw error
        }
    }
}
