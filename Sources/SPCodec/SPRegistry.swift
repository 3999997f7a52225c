// SPDX-License-Identifier: MIT

internal import CameraCore

/// The encoder objects of the process, by their handles, and the channel numbers in use.
final class SPRegistry: Sendable {
    static let shared = SPRegistry()
    // No Mutex: the thread sanitizer cannot see how the kernel hands a contended one on.
    private let state = Monitor(State())

    private struct State {
        var encoders: [UInt: SPEncoder] = [:]
        var channels: Set<Int32> = []
        var last: UInt = 0
    }

    /// Makes an object.
    ///
    /// Its handle is a number that no later object gets, so that one which was released is noticed.
    func makeEncoder() -> UnsafeMutableRawPointer? {
        let handle = state.withLock { state in
            state.last += 1
            // No address that programs have memory at: the lowest page is never mapped, and these are no multiples of 2.
            let handle = state.last << 1 | 1
            state.encoders[handle] = SPEncoder(self)
            return handle
        }
        return UnsafeMutableRawPointer(bitPattern: handle)
    }

    subscript(handle: UnsafeMutableRawPointer?) -> SPEncoder? {
        state.withLock { $0.encoders[UInt(bitPattern: handle)] }
    }

    func release(_ handle: UnsafeMutableRawPointer?) {
        let encoder = state.withLock { $0.encoders.removeValue(forKey: UInt(bitPattern: handle)) }
        try? encoder?.stop()
    }

    /// Takes a channel number; false when an object has it.
    func claim(_ channel: Int32) -> Bool {
        state.withLock { $0.channels.insert(channel).inserted }
    }

    /// Gives a channel number back.
    func yield(_ channel: Int32) {
        _ = state.withLock { $0.channels.remove(channel) }
    }
}
