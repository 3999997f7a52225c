// SPDX-License-Identifier: MIT

/// Memory that devices share without copies: a dma-buf of the kernel.
///
/// The descriptor belongs to the owner of the frame's memory, and stays open as long as the frame is kept.
public struct DMABuffer: Hashable, Sendable {
    /// The file descriptor.
    public let descriptor: Int32
    /// Bytes from the start of the buffer to the plane.
    public let offset: Int
    /// Bytes of the whole buffer.
    public let byteCount: Int

    /// Describes shared memory.
    public init(descriptor: Int32, offset: Int, byteCount: Int) {
        self.descriptor = descriptor
        self.offset = offset
        self.byteCount = byteCount
    }
}
