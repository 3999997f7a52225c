// SPDX-License-Identifier: MIT

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
    private let port: BufferPort
    private let state: Monitor<State>

    private struct State {
        /// Of each buffer, its memories.
        var memory: [[MappedMemory]]
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
    ///   - exporting: Whether to share the memory with other devices as well, where the driver can.
    /// - Throws: The driver's error; ENOMEM when it made none.
    package init(
        _ device: VideoDevice, _ type: BufferType, wanted: Int, exporting: Bool = false
    ) throws(DeviceError) {
        let port = BufferPort(device, type)
        count = try port.request(wanted)
        guard count > 0 else { throw DeviceError("VIDIOC_REQBUFS", device: device.path, .noMemory) }
        self.device = device
        self.type = type
        self.port = port
        do throws(DeviceError) {
            var memory: [[MappedMemory]] = []
            for index in 0..<count { memory.append(try port.map(index, exporting: exporting)) }
            state = Monitor(State(memory: memory, idle: Array(memory.indices)))
        } catch {
            _ = try? Self.free(port)
            throw error
        }
    }

    /// Buffers that the driver has.
    package var queuedCount: Int { state.withLock { count - $0.lentCount - $0.idle.count } }

    /// Gives all buffers to the driver and starts it.
    package func start() throws(DeviceError) {
        try queueIdle()
        try port.setStreaming(true)
        state.withLock { $0.isRunning = true }
    }

    /// Takes the next filled buffer; nil when there is none yet.
    ///
    /// - Throws: The driver's error; also when a buffer that came back could not be queued again.
    package func dequeue() throws(DeviceError) -> DequeuedBuffer? {
        try queueIdle()
        guard let buffer = try port.dequeue() else { return nil }
        let memory = state.withLock { state -> [MappedMemory]? in
            guard state.memory.indices.contains(buffer.index) else { return nil }
            state.lentCount += 1
            return state.memory[buffer.index]
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
        try port.setStreaming(false)
    }

    /// Has the driver free the buffers, after ``stop()``.
    ///
    /// Memory that is still in use stays valid; some drivers then keep all buffers until the device is closed.
    ///
    /// - Returns: Whether the driver could do it.
    package func release() throws(DeviceError) -> Bool {
        dropMemory()
        return try Self.free(port)
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
        do { try port.queue(index) } catch { succeeded = false }
        state.update { state in
            state.returnsUnderWay -= 1
            // The last reference may go anywhere, so the error waits for the thread that dequeues: it tries again.
            if !succeeded { state.idle.append(index) }
        }
    }

    private func queueIdle() throws(DeviceError) {
        while let index = state.withLock({ $0.idle.first }) {
            try port.queue(index)
            state.withLock { _ = $0.idle.removeFirst() }
        }
    }

    private static func free(_ port: BufferPort) throws(DeviceError) -> Bool {
        do throws(DeviceError) {
            _ = try port.request(0)
            return true
        } catch {
            guard error.errno == .resourceBusy else { throw error }
            return false
        }
    }
}
