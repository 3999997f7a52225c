// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// Counts the wrong passwords that each address has sent, by HTTP and RTSP together, so that nobody can try many.
final class WrongPasswords: Sendable {
    private let state = Mutex<[String: Count]>([:])

    private struct Count {
        var number = 0
        var last = Timestamp.now
    }

    /// Wrong passwords after which an address has to wait.
    private static let patience = 10
    /// How long it has to wait.
    static let pause = Duration.seconds(60)
    /// Addresses that are remembered.
    private static let memory = 1024

    /// Whether an address has to wait before it may send a password again.
    func mustWait(_ address: String) -> Bool {
        let now = Timestamp.now
        return state.withLock { state in
            guard let count = state[address] else { return false }
            guard now - count.last <= Self.pause else {
                state[address] = nil
                return false
            }
            return count.number >= Self.patience
        }
    }

    /// Counts a wrong password of an address.
    func note(_ address: String) {
        let now = Timestamp.now
        state.withLock { state in
            if state.count >= Self.memory, state[address] == nil { state.removeAll() }
            state[address, default: Count()].number += 1
            state[address]?.last = now
        }
    }
}
