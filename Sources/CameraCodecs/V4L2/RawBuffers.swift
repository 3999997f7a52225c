// SPDX-License-Identifier: MIT

package import CameraCore
internal import V4L2

/// The OUTPUT queue of an encoder: raw frames on their way to it.
package struct RawBuffers {
    /// Whether the queue streams.
    private(set) var isStreaming = false
    /// Buffers that the encoder has.
    var queuedCount: Int { inside.count }
    /// Buffers that there are.
    private(set) var count = 0
    private let port: BufferPort
    private let image: ImageFormat
    private let layout: PictureLayout
    /// Of each buffer, its memories; empty for imported ones.
    private var memories: [[MappedMemory]] = []
    private var free: [Int] = []
    /// What the encoder has, by the buffers' numbers; frames that are copied need not be kept.
    private var inside: [Int: Frame?] = [:]

    /// A buffer that came back.
    package struct Returned {
        /// The time that its frame was queued with.
        package let time: Timestamp
        /// Whether the encoder says that it is this frame that it failed with.
        package let isDamaged: Bool
    }

    /// Describes the queue for pictures of a format; there are no buffers yet.
    init(_ device: VideoDevice, _ type: BufferType, _ origin: BufferPort.Origin, _ image: ImageFormat) {
        port = BufferPort(device, type, origin)
        self.image = image
        layout = PictureLayout(image)
    }

    /// Has the driver make buffers; it may make more or fewer.
    mutating func allocate(_ wanted: Int) throws(DeviceError) {
        count = try port.request(wanted)
        guard count > 0 else { throw DeviceError("VIDIOC_REQBUFS", device: port.device.path, .noMemory) }
        if case .driver = port.origin {
            for index in 0..<count { memories.append(try port.map(index)) }
        }
        free = Array((0..<count).reversed())
    }

    /// Has the driver free its buffers.
    mutating func release() throws(DeviceError) {
        (memories, free, inside, count) = ([], [], [:], 0)
        _ = try port.request(0)
    }

    /// Starts the queue.
    mutating func start() throws(DeviceError) {
        try port.setStreaming(true)
        isStreaming = true
    }

    /// Stops the queue, which gives back what the encoder has not encoded.
    mutating func stop() throws(DeviceError) {
        isStreaming = false
        free += inside.keys
        inside = [:]
        try port.setStreaming(false)
    }

    /// Whether a buffer is free.
    var hasRoom: Bool { !free.isEmpty }

    /// Gives a frame to the encoder, in a free buffer; copies it, unless memory is imported.
    ///
    /// - Parameters:
    ///   - frame: A frame of the format, at most as large.
    ///   - time: What the packets of this frame will be known by.
    /// - Throws: The driver's error.
    mutating func queue(_ frame: Frame, time: Timestamp) throws(DeviceError) {
        guard let index = free.last else { preconditionFailure("no buffer is free") }
        switch port.origin {
        case .driver:
            copy(frame, to: memories[index])
            let lengths = memories[index].map(\.byteCount)
            try port.queue(
                index, zip(image.memories, lengths).map { BufferPort.Memory(byteCount: min($0.byteCount, $1)) },
                time: time)
        case .imported:
            let shared = sharedMemories(of: frame) ?? []
            try port.queue(
                index,
                zip(image.memories, shared).map { BufferPort.Memory(byteCount: $0.byteCount, imported: $1) },
                time: time)
        }
        free.removeLast()
        let kept: Frame? = if case .imported = port.origin { frame } else { nil }
        inside.updateValue(kept, forKey: index)
    }

    /// Takes back a buffer that the encoder is done with; nil when there is none.
    mutating func dequeue() throws(DeviceError) -> Returned? {
        guard isStreaming, !inside.isEmpty, let buffer = try port.dequeue() else { return nil }
        guard inside.removeValue(forKey: buffer.index) != nil else {
            throw DeviceError("VIDIOC_DQBUF", device: port.device.path, .outOfRange)
        }
        free.append(buffer.index)
        return Returned(time: buffer.time, isDamaged: buffer.flags.contains(.damaged))
    }

    private func copy(_ frame: Frame, to memories: [MappedMemory]) {
        for (index, place) in layout.planes.enumerated() where memories.indices.contains(place.memory) {
            guard let rows = frame.format.layout(ofPlane: index) else { continue }
            let plane = frame.plane(index)
            let rowBytes = min(rows.rowBytes(width: frame.size.width), place.stride)
            let memory = memories[place.memory]
            for row in 0..<rows.rows(height: frame.size.height) {
                let offset = place.offset + row * place.stride
                guard offset + rowBytes <= memory.byteCount else { return }
                (memory.baseAddress + offset).copyMemory(
                    from: plane.baseAddress + row * plane.stride, byteCount: rowBytes)
            }
        }
    }

    /// The memories of a frame that the encoder can read where they are; nil when the frame must be copied.
    ///
    /// Planes must lie as the encoder wants them, since single-planar queues know no places and few drivers look at those
    /// of multi-planar ones.
    func sharedMemories(of frame: Frame) -> [DMABuffer]? {
        guard frame.planeCount == layout.planes.count else { return nil }
        var shared: [DMABuffer] = []
        for (index, place) in layout.planes.enumerated() {
            let plane = frame.plane(index)
            guard let buffer = plane.dmaBuffer, plane.stride == place.stride, buffer.offset == place.offset,
                image.memories.indices.contains(place.memory),
                buffer.byteCount >= image.memories[place.memory].byteCount
            else { return nil }
            if place.memory == shared.count { shared.append(buffer) }
            guard shared.last?.descriptor == buffer.descriptor else { return nil }
        }
        return shared
    }
}
