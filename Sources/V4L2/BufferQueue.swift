// SPDX-License-Identifier: MIT

internal import CV4L2
internal import CameraCore
internal import SystemPackage

/// The buffers that a device and the program exchange, in the driver's memory.
///
/// One thread calls ``start()``, ``dequeue()``, ``stop()`` and ``release()``; dequeued buffers come back from any thread.
package final class BufferQueue: Sendable {
    /// The device.
    package let device: VideoDevice
    /// The direction of the exchange.
    package let type: BufferType
    /// Buffers that there are.
    package let count: Int
    private let state: Monitor<State>

    private struct State {
        var memory: [MappedMemory]
        /// Buffers that are neither the driver's nor the program's: they wait for the next ``dequeue()``.
        var idle: [Int]
        /// Buffers that are the program's.
        var lentCount = 0
        var isRunning = false
        /// Calls of VIDIOC_QBUF that are under way in ``takeBack(_:)``.
        var returnsUnderWay = 0
    }

    /// Has the driver make buffers and maps them.
    ///
    /// - Parameters:
    ///   - device: The device, with its format set.
    ///   - type: The direction of the exchange.
    ///   - wanted: Buffers to ask for; the driver may make more or fewer, but at least one.
    /// - Throws: The driver's error; ENOMEM when it made none.
    package init(_ device: VideoDevice, _ type: BufferType, wanted: Int) throws(DeviceError) {
        var request = Self.request(wanted, type)
        try device.perform(.requestBuffers, &request)
        guard request.count > 0 else { throw DeviceError("VIDIOC_REQBUFS", device: device.path, .noMemory) }
        count = Int(request.count)
        self.device = device
        self.type = type
        do throws(DeviceError) {
            let memory = try Self.map(count, of: device, type)
            state = Monitor(State(memory: memory, idle: Array(memory.indices)))
        } catch {
            _ = try? Self.free(device, type)
            throw error
        }
    }

    /// Buffers that the driver has.
    package var queuedCount: Int { state.withLock { count - $0.lentCount - $0.idle.count } }

    /// Gives all buffers to the driver and starts it.
    package func start() throws(DeviceError) {
        try queueIdle()
        var type = Int32(bitPattern: self.type.rawValue)
        try device.perform(.streamOn, &type)
        state.withLock { $0.isRunning = true }
    }

    /// Takes the next filled buffer; nil when there is none yet.
    ///
    /// - Throws: The driver's error; also when a buffer that came back could not be queued again.
    package func dequeue() throws(DeviceError) -> DequeuedBuffer? {
        try queueIdle()
        var buffer = Self.buffer(0, type)
        do throws(DeviceError) {
            try device.perform(.dequeueBuffer, &buffer)
        } catch {
            guard error.errno == .resourceTemporarilyUnavailable else { throw error }
            return nil
        }
        let index = Int(buffer.index)
        let memory = state.withLock { state -> MappedMemory? in
            guard state.memory.indices.contains(index) else { return nil }
            state.lentCount += 1
            return state.memory[index]
        }
        guard let memory else { throw DeviceError("VIDIOC_DQBUF", device: device.path, .outOfRange) }
        return DequeuedBuffer(buffer, memory: memory, queue: self)
    }

    /// Stops the driver.
    ///
    /// Buffers that come back from now on are not queued again.
    package func stop() throws(DeviceError) {
        state.withLock { $0.isRunning = false }
        state.wait { $0.returnsUnderWay == 0 ? () : nil }
        var type = Int32(bitPattern: self.type.rawValue)
        try device.perform(.streamOff, &type)
    }

    /// Has the driver free the buffers, after ``stop()``.
    ///
    /// Memory that is still in use stays valid; some drivers then keep all buffers until the device is closed.
    ///
    /// - Returns: Whether the driver could do it.
    package func release() throws(DeviceError) -> Bool {
        dropMemory()
        return try Self.free(device, type)
    }

    /// Unmaps what no dequeued buffer shows.
    ///
    /// It is a function of its own, so that the mappings are gone when it returns.
    private func dropMemory() {
        let memory = state.withLock { state in
            defer { state.memory = [] }
            return state.memory
        }
        withExtendedLifetime(memory) {}
    }

    /// Queues a buffer again that the program is done with, unless the queue was stopped.
    func takeBack(_ index: Int) {
        let isRunning = state.withLock { state in
            state.lentCount -= 1
            if state.isRunning { state.returnsUnderWay += 1 }
            return state.isRunning
        }
        guard isRunning else { return }
        var succeeded = true
        do { try queue(index) } catch { succeeded = false }
        state.update { state in
            state.returnsUnderWay -= 1
            // The last reference may go anywhere, so the error waits for the thread that dequeues: it tries again.
            if !succeeded { state.idle.append(index) }
        }
    }

    private func queueIdle() throws(DeviceError) {
        while let index = state.withLock({ $0.idle.first }) {
            try queue(index)
            state.withLock { _ = $0.idle.removeFirst() }
        }
    }

    private func queue(_ index: Int) throws(DeviceError) {
        var buffer = Self.buffer(index, type)
        try device.perform(.queueBuffer, &buffer)
    }

    private static func map(
        _ count: Int, of device: VideoDevice, _ type: BufferType
    ) throws(DeviceError) -> [MappedMemory] {
        var memory: [MappedMemory] = []
        for index in 0..<count {
            var buffer = Self.buffer(index, type)
            try device.perform(.queryBuffer, &buffer)
            memory.append(try device.map(offset: Int(buffer.m.offset), byteCount: Int(buffer.length)))
        }
        return memory
    }

    private static func free(_ device: VideoDevice, _ type: BufferType) throws(DeviceError) -> Bool {
        var request = Self.request(0, type)
        do throws(DeviceError) {
            try device.perform(.requestBuffers, &request)
            return true
        } catch {
            guard error.errno == .resourceBusy else { throw error }
            return false
        }
    }

    private static func request(_ count: Int, _ type: BufferType) -> v4l2_requestbuffers {
        var request = v4l2_requestbuffers()
        request.count = UInt32(clamping: count)
        request.type = type.rawValue
        request.memory = V4L2_MEMORY_MMAP.rawValue
        return request
    }

    private static func buffer(_ index: Int, _ type: BufferType) -> v4l2_buffer {
        var buffer = v4l2_buffer()
        buffer.index = UInt32(clamping: index)
        buffer.type = type.rawValue
        buffer.memory = V4L2_MEMORY_MMAP.rawValue
        return buffer
    }
}
