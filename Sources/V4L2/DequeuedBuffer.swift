// SPDX-License-Identifier: MIT

package import CameraCore

/// A buffer that the driver filled: the program's until the last reference goes, which queues it again, once.
///
/// Its memory stays valid after the queue stopped and the device was closed.
package final class DequeuedBuffer: Sendable {
    /// The buffer's number in its queue.
    package let index: Int
    /// What was filled: one memory, or in multi-planar queues one or more.
    package let memories: [Memory]
    /// The driver's count of frames, which starts again at zero after 2^32.
    package let sequence: UInt32
    /// The moment of the picture; nil when the driver does not use the monotonic clock.
    package let timestamp: Timestamp?
    /// What the driver tells of it.
    package let flags: BufferState.Flags
    private let queue: BufferQueue

    /// One of the memories of a buffer, and what the driver wrote into it.
    package struct Memory: Sendable {
        /// All of it.
        package let memory: MappedMemory
        /// Bytes from its start to the data.
        package let offset: Int
        /// Bytes of data, at most as many as there are.
        package let byteCount: Int

        /// The first byte of the data.
        package var baseAddress: UnsafeRawPointer { UnsafeRawPointer(memory.baseAddress + offset) }

        /// The data and what follows it for other devices, `offset` bytes further on; nil where it cannot be shared.
        package func dmaBuffer(at offset: Int) -> DMABuffer? {
            memory.descriptor.map {
                DMABuffer(descriptor: $0, offset: self.offset + offset, byteCount: memory.byteCount)
            }
        }
    }

    init(_ buffer: BufferState, memory: [MappedMemory], queue: BufferQueue) {
        index = buffer.index
        memories = zip(memory, buffer.memories).map { memory, state in
            let offset = min(state.offset, memory.byteCount)
            return Memory(
                memory: memory, offset: offset, byteCount: min(state.byteCount, memory.byteCount - offset))
        }
        sequence = buffer.sequence
        timestamp = buffer.hasMonotonicTime ? buffer.time : nil
        flags = buffer.flags
        self.queue = queue
    }

    /// Whether the driver says that the contents are damaged.
    package var isDamaged: Bool { flags.contains(.damaged) }

    /// Whether the driver gave it back without having used it, as uvcvideo does with all when a transfer fails.
    ///
    /// Its sequence number and time are then those of some earlier frame.
    package var isUnused: Bool { isDamaged && memories.allSatisfy { $0.byteCount == 0 } }

    deinit {
        queue.takeBack(index)
    }
}
