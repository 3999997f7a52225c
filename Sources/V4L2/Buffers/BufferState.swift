// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore

/// A buffer as the driver describes it (`struct v4l2_buffer`).
package struct BufferState: Sendable {
    /// The buffer's number in its queue.
    package let index: Int
    /// What the driver tells of it.
    package let flags: Flags
    /// The driver's count of frames, which starts again at zero after 2^32.
    package let sequence: UInt32
    /// Its time, whatever the clock; drivers copy that of the buffer it was made of.
    package let time: Timestamp
    /// How many memories it has.
    package let memoryCount: Int
    private let memories: InlineArray<8, Memory>

    /// One of the memories of a buffer, by numbers that nobody has checked.
    package struct Memory: Sendable {
        /// Bytes from the memory's start to the data.
        package let offset: Int
        /// Bytes of data.
        package let byteCount: Int
        /// Bytes that there are.
        package let length: Int
        /// Where mmap finds it.
        let mapOffset: Int

        fileprivate init() { (offset, byteCount, length, mapOffset) = (0, 0, 0, 0) }

        init(_ plane: v4l2_plane) {
            length = Int(plane.length)
            offset = Int(plane.data_offset)
            byteCount = max(Int(plane.bytesused) - offset, 0)
            mapOffset = Int(plane.m.mem_offset)
        }

        init(_ buffer: v4l2_buffer) {
            length = Int(buffer.length)
            offset = 0
            byteCount = Int(buffer.bytesused)
            mapOffset = Int(buffer.m.offset)
        }
    }

    /// What a driver tells of a buffer; bits that are not named here are kept.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// The contents are damaged (`V4L2_BUF_FLAG_ERROR`).
        package static let damaged = Flags(rawValue: UInt32(V4L2_BUF_FLAG_ERROR))
        /// A picture that needs no other (`V4L2_BUF_FLAG_KEYFRAME`).
        package static let keyFrame = Flags(rawValue: UInt32(V4L2_BUF_FLAG_KEYFRAME))
        /// A picture that needs earlier ones (`V4L2_BUF_FLAG_PFRAME`).
        package static let predicted = Flags(rawValue: UInt32(V4L2_BUF_FLAG_PFRAME))
        /// A picture that needs earlier and later ones (`V4L2_BUF_FLAG_BFRAME`).
        package static let bidirectional = Flags(rawValue: UInt32(V4L2_BUF_FLAG_BFRAME))
        /// No more come until the queue is started again (`V4L2_BUF_FLAG_LAST`).
        package static let last = Flags(rawValue: UInt32(V4L2_BUF_FLAG_LAST))
    }

    /// - Parameters:
    ///   - buffer: What the driver filled in.
    ///   - planes: Its planes, for multi-planar queues.
    init(_ buffer: v4l2_buffer, planes: UnsafeMutableBufferPointer<v4l2_plane>?) {
        index = Int(buffer.index)
        flags = Flags(rawValue: buffer.flags)
        sequence = buffer.sequence
        time = Timestamp(
            nanoseconds: Int64(buffer.timestamp.tv_sec) &* 1_000_000_000 &+ Int64(buffer.timestamp.tv_usec) &* 1000)
        var memories = InlineArray<8, Memory>(repeating: Memory())
        if let planes {
            memoryCount = min(Int(buffer.length), planes.count, memories.count)
            for index in 0..<memoryCount { memories[index] = Memory(planes[index]) }
        } else {
            memoryCount = 1
            memories[0] = Memory(buffer)
        }
        self.memories = memories
    }

    /// One of its memories, in the order of the planes; nil where there is none.
    package func memory(_ index: Int) -> Memory? { (0..<memoryCount).contains(index) ? memories[index] : nil }

    /// Whether the time is one of the monotonic clock.
    var hasMonotonicTime: Bool {
        flags.rawValue & UInt32(bitPattern: V4L2_BUF_FLAG_TIMESTAMP_MASK) == UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
    }

    /// Bytes of data, in all memories.
    package var byteCount: Int { (0..<memoryCount).reduce(0) { $0 + memories[$1].byteCount } }
}
