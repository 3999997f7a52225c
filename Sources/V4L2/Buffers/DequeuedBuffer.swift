// SPDX-License-Identifier: MIT

package import CameraCore

/// A buffer that the driver filled: the program's until the last reference goes, which queues it again, once.
///
/// Its memory stays valid after the queue stopped and the device was closed.
package final class DequeuedBuffer: Sendable {
    private let state: BufferState
    private let mapped: [MappedMemory]
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

    init(_ state: BufferState, memory: [MappedMemory], queue: BufferQueue) {
        self.state = state
        mapped = memory
        self.queue = queue
    }

    /// The buffer's number in its queue.
    package var index: Int { state.index }

    /// The driver's count of frames, which starts again at zero after 2^32.
    package var sequence: UInt32 { state.sequence }

    /// The moment of the picture; nil when the driver does not use the monotonic clock.
    package var timestamp: Timestamp? { state.hasMonotonicTime ? state.time : nil }

    /// What the driver tells of it.
    package var flags: BufferState.Flags { state.flags }

    /// What was filled: the only memory, in multi-planar queues one of them; nil where there is none.
    package func memory(_ index: Int) -> Memory? {
        guard mapped.indices.contains(index), let filled = state.memory(index) else { return nil }
        let memory = mapped[index]
        let offset = min(filled.offset, memory.byteCount)
        return Memory(memory: memory, offset: offset, byteCount: min(filled.byteCount, memory.byteCount - offset))
    }

    /// Whether the driver says that the contents are damaged.
    package var isDamaged: Bool { flags.contains(.damaged) }

    /// Whether the driver gave it back without having used it, as uvcvideo does with all when a transfer fails.
    ///
    /// Its sequence number and time are then those of some earlier frame.
    package var isUnused: Bool { isDamaged && mapped.indices.allSatisfy { memory($0)?.byteCount ?? 0 == 0 } }

    deinit {
        queue.takeBack(index)
    }
}
