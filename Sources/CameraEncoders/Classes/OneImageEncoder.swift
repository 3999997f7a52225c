// SPDX-License-Identifier: MIT

public import CameraCore

/// Takes one picture and ends; may be started again for the next.
open class OneImageEncoder: ImageEncoder, @unchecked Sendable {
    override var frameLimit: Int { 1 }

    /// Writes the picture and returns true, since no other is wanted.
    open override func callbackWrite(_ packet: Packet, key: OutputKey) throws -> Bool {
        _ = try super.callbackWrite(packet, key: key)
        return true
    }
}
