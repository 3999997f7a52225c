// SPDX-License-Identifier: MIT

package import CameraCore
internal import SystemPackage
package import V4L2

/// The CAPTURE queue of an encoder: what it made of the frames.
package struct CodedBuffers {
    /// Whether the queue streams.
    private(set) var isStreaming = false
    /// Whether the last buffer of a drain was taken, after which there are no more.
    private(set) var hasEnded = false
    private let port: BufferPort
    private var memories: [[MappedMemory]] = []
    /// Buffers that are neither the driver's nor in use.
    private var idle: [Int] = []
    private var queued: Set<Int> = []

    /// What the encoder wrote into a buffer; valid until the buffer goes back.
    package struct Coded {
        /// The time of the frame that it was made of.
        package let time: Timestamp
        /// What the driver tells of it.
        package let flags: BufferState.Flags
        /// The bytes.
        package let bytes: UnsafeRawBufferPointer
    }

    /// Describes the queue; there are no buffers yet.
    init(_ device: VideoDevice, _ type: BufferType) {
        port = BufferPort(device, type)
    }

    /// Whether the driver has buffers to fill.
    var isWaiting: Bool { isStreaming && !hasEnded && !queued.isEmpty }

    /// Has the driver make buffers; it may make more or fewer.
    mutating func allocate(_ wanted: Int) throws(DeviceError) {
        let count = try port.request(wanted)
        guard count > 0 else { throw DeviceError("VIDIOC_REQBUFS", device: port.device.path, .noMemory) }
        for index in 0..<count { memories.append(try port.map(index)) }
        idle = Array(0..<count)
    }

    /// Has the driver free its buffers.
    mutating func release() throws(DeviceError) {
        (memories, idle, queued) = ([], [], [])
        _ = try port.request(0)
    }

    /// Starts the queue, with all buffers.
    mutating func start() throws(DeviceError) {
        hasEnded = false
        try queueIdle()
        try port.setStreaming(true)
        isStreaming = true
    }

    /// Stops the queue, which gives back all buffers without their contents.
    mutating func stop() throws(DeviceError) {
        isStreaming = false
        hasEnded = false
        idle += queued
        queued = []
        try port.setStreaming(false)
    }

    /// Whether the driver still says that the last buffer was taken, though the encoder was told to go on.
    ///
    /// It must have no frames, so that no buffer can come.
    mutating func isStillAtEnd() throws(DeviceError) -> Bool {
        do throws(DeviceError) {
            guard try port.dequeue() == nil else {
                throw DeviceError("VIDIOC_DQBUF", device: port.device.path, .outOfRange)
            }
            return false
        } catch {
            guard error.errno == .brokenPipe else { throw error }
            return true
        }
    }

    /// Gives the buffers to the driver again that a drain left behind.
    mutating func resume() throws(DeviceError) {
        hasEnded = false
        try queueIdle()
    }

    /// Lends the next buffer that the encoder filled, and gives it back; false when there is none.
    ///
    /// The empty buffer at the end of a drain is not lent.
    ///
    /// - Parameter use: Takes what it needs.
    /// - Returns: Whether there was one.
    /// - Throws: The driver's error; its EPIPE beyond the last buffer is none.
    mutating func dequeue(_ use: (Coded) -> Void) throws(DeviceError) -> Bool {
        guard isStreaming, !hasEnded else { return false }
        let state: BufferState?
        do throws(DeviceError) {
            state = try port.dequeue()
        } catch {
            // The document's "beyond the last buffer": also where a driver loses the flag.
            guard error.errno == .brokenPipe else { throw error }
            hasEnded = true
            return false
        }
        guard let state else { return false }
        guard queued.remove(state.index) != nil, let memory = memories[state.index].first else {
            throw DeviceError("VIDIOC_DQBUF", device: port.device.path, .outOfRange)
        }
        idle.append(state.index)
        if state.flags.contains(.last) { hasEnded = true }
        if state.byteCount > 0 || state.flags.contains(.damaged) {
            let offset = min(state.memory(0)?.offset ?? 0, memory.byteCount)
            let count = min(state.memory(0)?.byteCount ?? 0, memory.byteCount - offset)
            use(
                Coded(
                    time: state.time, flags: state.flags,
                    bytes: UnsafeRawBufferPointer(start: memory.baseAddress + offset, count: count)))
        }
        if !hasEnded { try queueIdle() }
        return true
    }

    private mutating func queueIdle() throws(DeviceError) {
        while let index = idle.first {
            try port.queue(index)
            idle.removeFirst()
            queued.insert(index)
        }
    }
}
