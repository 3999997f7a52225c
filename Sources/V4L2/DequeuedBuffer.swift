// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore

/// A buffer that the driver filled: the program's until the last reference goes, which queues it again, once.
///
/// Its memory stays valid after the queue stopped and the device was closed.
package final class DequeuedBuffer: Sendable {
    /// The buffer's number in its queue.
    package let index: Int
    /// The memory.
    package let memory: MappedMemory
    /// Bytes that the driver wrote, at most as many as there are.
    package let byteCount: Int
    /// The driver's count of frames, which starts again at zero after 2^32.
    package let sequence: UInt32
    /// The moment of the picture; nil when the driver does not use the monotonic clock.
    package let timestamp: Timestamp?
    /// Whether the driver says that the contents are damaged.
    package let isDamaged: Bool
    private let queue: BufferQueue

    init(_ buffer: v4l2_buffer, memory: MappedMemory, queue: BufferQueue) {
        index = Int(buffer.index)
        self.memory = memory
        byteCount = min(Int(buffer.bytesused), memory.byteCount)
        sequence = buffer.sequence
        let clock = buffer.flags & UInt32(bitPattern: V4L2_BUF_FLAG_TIMESTAMP_MASK)
        timestamp =
            clock == UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
            ? Timestamp(
                nanoseconds: Int64(buffer.timestamp.tv_sec) &* 1_000_000_000 &+ Int64(buffer.timestamp.tv_usec) &* 1000)
            : nil
        isDamaged = buffer.flags & UInt32(V4L2_BUF_FLAG_ERROR) != 0
        self.queue = queue
    }

    deinit {
        queue.takeBack(index)
    }
}
