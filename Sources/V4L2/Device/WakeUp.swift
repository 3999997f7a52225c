// SPDX-License-Identifier: MIT

/// Ends a thread's wait for a device from another thread.
package final class WakeUp: Sendable {
    let descriptor: Int32
    private let calls: SystemCalls

    /// Makes one that is not raised.
    package init(calls: SystemCalls = .current) throws(DeviceError) {
        switch calls.makeCounter() {
        case .success(let descriptor): self.descriptor = descriptor
        case .failure(let errno): throw DeviceError("eventfd", device: "eventfd", errno)
        }
        self.calls = calls
    }

    deinit {
        calls.close(descriptor)
    }

    /// Makes the wait under way, or else the next one, end at once; until ``clear()``.
    package func raise() { calls.raiseCounter(descriptor) }

    /// Lets threads wait again.
    package func clear() { calls.clearCounter(descriptor) }
}
