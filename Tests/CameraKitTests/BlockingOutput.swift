// SPDX-License-Identifier: MIT

import CameraKit

/// An output that stands still until it is released.
final class BlockingOutput: Output {
    private let isReleased = Monitor(false)
    private let isBlocked = Monitor(false)

    func write(_ bytes: RawSpan, _ info: PacketInfo) {
        isBlocked.update { $0 = true }
        isReleased.wait { $0 ? () : nil }
    }

    func waitUntilBlocked() { isBlocked.wait { $0 ? () : nil } }

    func release() { isReleased.update { $0 = true } }
}
