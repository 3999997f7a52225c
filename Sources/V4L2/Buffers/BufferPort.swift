// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore
internal import Glibc
internal import SystemPackage

/// The requests by which buffers of a queue are made, queued and dequeued; whoever uses it keeps account of them.
///
/// Single- and multi-planar queues are alike here: a buffer of the former has one memory.
package struct BufferPort: Sendable {
    /// The device.
    package let device: VideoDevice
    /// The direction of the exchange.
    package let type: BufferType
    /// Whose memory the buffers have.
    package let origin: Origin

    /// Whose memory buffers have.
    package enum Origin: Sendable {
        /// The driver's, which the program maps (`V4L2_MEMORY_MMAP`).
        case driver
        /// Another device's, shared as dma-buf (`V4L2_MEMORY_DMABUF`).
        case imported
    }

    /// What the program tells of one memory of a buffer that it queues.
    package struct Memory: Sendable {
        /// Bytes from the memory's start to the picture, which count as used; multi-planar queues alone know it.
        package var offset = 0
        /// Bytes of the picture, for queues to the device.
        package var byteCount = 0
        /// The shared memory, for imported buffers.
        package var imported: DMABuffer?

        /// Describes a memory.
        package init(byteCount: Int = 0, offset: Int = 0, imported: DMABuffer? = nil) {
            self.byteCount = byteCount
            self.offset = offset
            self.imported = imported
        }
    }

    /// Describes a queue of a device.
    package init(_ device: VideoDevice, _ type: BufferType, _ origin: Origin = .driver) {
        self.device = device
        self.type = type
        self.origin = origin
    }

    /// Has the driver make buffers, or free all with a count of 0.
    ///
    /// - Returns: How many it made, which may be more or fewer.
    package func request(_ count: Int) throws(DeviceError) -> Int {
        var request = v4l2_requestbuffers()
        request.count = UInt32(clamping: count)
        request.type = type.rawValue
        request.memory = kernelOrigin
        try device.perform(.requestBuffers, &request)
        return Int(request.count)
    }

    /// Maps the memories of a buffer.
    ///
    /// - Parameters:
    ///   - index: The buffer's number.
    ///   - exporting: Whether to share them with other devices as well, where the driver can.
    /// - Returns: The mappings, in the order of the planes.
    /// - Throws: The driver's or mmap's error.
    package func map(_ index: Int, exporting: Bool = false) throws(DeviceError) -> [MappedMemory] {
        let state = try perform(.queryBuffer, index)
        var memories: [MappedMemory] = []
        for number in 0..<state.memoryCount {
            guard let memory = state.memory(number) else { break }
            let descriptor = exporting ? export(index, memory: number) : nil
            memories.append(
                try device.map(offset: memory.mapOffset, byteCount: memory.length, descriptor: descriptor))
        }
        return memories
    }

    /// Gives a buffer to the driver.
    ///
    /// - Parameters:
    ///   - index: The buffer's number.
    ///   - memories: What is in it; empty for a buffer that the driver is to fill.
    ///   - time: What the driver copies to the buffers that come of this one.
    /// - Throws: The driver's error.
    package func queue(_ index: Int, _ memories: [Memory] = [], time: Timestamp? = nil) throws(DeviceError) {
        _ = try perform(.queueBuffer, index) { buffer, planes in
            if let time {
                buffer.timestamp = timeval(
                    tv_sec: Int(time.nanoseconds / 1_000_000_000), tv_usec: Int(time.nanoseconds % 1_000_000_000 / 1000)
                )
            }
            if type.isOutput { buffer.field = V4L2_FIELD_NONE.rawValue }
            for (number, memory) in memories.prefix(planes.count).enumerated() {
                planes[number].bytesused = UInt32(clamping: memory.offset + memory.byteCount)
                planes[number].data_offset = UInt32(clamping: memory.offset)
                if let imported = memory.imported {
                    planes[number].length = UInt32(clamping: imported.byteCount)
                    planes[number].m.fd = imported.descriptor
                }
            }
        }
    }

    /// Takes a buffer from the driver; nil when there is none yet.
    ///
    /// - Throws: The driver's error: EPIPE after the last buffer of a drained queue, EIO when the driver failed.
    package func dequeue() throws(DeviceError) -> BufferState? {
        do throws(DeviceError) {
            return try perform(.dequeueBuffer, 0)
        } catch {
            guard error.errno == .resourceTemporarilyUnavailable else { throw error }
            return nil
        }
    }

    /// Starts or stops the driver's work on the queue; stopping gives all buffers back.
    package func setStreaming(_ isOn: Bool) throws(DeviceError) {
        var type = Int32(bitPattern: self.type.rawValue)
        try device.perform(isOn ? .streamOn : .streamOff, &type)
    }

    /// Shares a memory of a buffer; nil where that fails, since all works without it, if with copies.
    private func export(_ index: Int, memory: Int) -> Int32? {
        var request = v4l2_exportbuffer()
        request.type = type.rawValue
        request.index = UInt32(clamping: index)
        request.plane = UInt32(clamping: memory)
        request.flags = UInt32(O_CLOEXEC | O_RDWR)
        do {
            try device.perform(.exportBuffer, &request)
            return request.fd
        } catch {
            return nil
        }
    }

    private var kernelOrigin: UInt32 {
        switch origin {
        case .driver: V4L2_MEMORY_MMAP.rawValue
        case .imported: V4L2_MEMORY_DMABUF.rawValue
        }
    }

    /// Makes a request about a buffer, with room for the most planes that the kernel knows.
    private func perform(
        _ request: Request<v4l2_buffer>, _ index: Int,
        _ fill: (inout v4l2_buffer, inout MutableSpan<v4l2_plane>) -> Void = { _, _ in }
    ) throws(DeviceError) -> BufferState {
        var planes = InlineArray<8, v4l2_plane>(repeating: v4l2_plane())
        var span = planes.mutableSpan
        var buffer = v4l2_buffer()
        buffer.index = UInt32(clamping: index)
        buffer.type = type.rawValue
        buffer.memory = kernelOrigin
        fill(&buffer, &span)
        return try span.withUnsafeMutableBufferPointer { planes throws(DeviceError) in
            if type.isMultiplanar {
                buffer.m.planes = planes.baseAddress
                buffer.length = UInt32(planes.count)
                try device.perform(request, &buffer)
                return BufferState(buffer, planes: planes)
            }
            buffer.bytesused = planes[0].bytesused
            buffer.length = planes[0].length
            if case .imported = origin { buffer.m.fd = planes[0].m.fd }
            try device.perform(request, &buffer)
            return BufferState(buffer, planes: nil)
        }
    }
}
