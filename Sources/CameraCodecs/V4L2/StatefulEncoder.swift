// SPDX-License-Identifier: MIT

package import CameraCore
internal import SystemPackage
package import V4L2

/// An encoder of the kernel that keeps its state: the sequences of the document "Memory-to-Memory Stateful Video Encoder
/// Interface", each a method.
///
/// One thread uses it at a time. It knows nothing of codecs, packets and options; see ``EncoderLoop`` for what is done
/// with it. The document's request API is left out: frames and controls reach the driver in their order without it.
package final class StatefulEncoder: @unchecked Sendable {
    // Unchecked: one thread uses it at a time.

    /// Where the encoder stands in the document's state machine.
    package enum State: Hashable {
        case initialization
        case encoding
        case drain
        case stopped
        case reset
    }

    /// The ways to go on after a drain.
    package enum Resumption: Hashable, CaseIterable {
        /// `V4L2_ENC_CMD_START`: with all the state from before.
        case command
        /// Stopping and starting the CAPTURE queue: a stream of its own begins.
        case codedRestart
        /// Stopping and starting the OUTPUT queue: with the state from before, but without frames queued meanwhile.
        case rawRestart
    }

    /// The device.
    package let device: VideoDevice
    /// What the two sides agreed on; nil before ``initialize(_:)``.
    package private(set) var formats: EncoderFormats?
    private var raw: RawBuffers?
    private var coded: CodedBuffers?
    private var drainIsUnderWay = false

    /// Takes over a device, which is one that ``EncoderProbe`` accepts.
    package init(_ device: VideoDevice) {
        self.device = device
    }

    /// Where the encoder stands.
    package var state: State {
        guard let raw, let coded, hasStarted else { return .initialization }
        if !coded.isStreaming { return .reset }
        if drainIsUnderWay { return isDrained ? .stopped : .drain }
        return raw.isStreaming ? .encoding : .stopped
    }

    /// Whether both queues streamed since the buffers were made.
    private var hasStarted = false

    /// Whether all that was queued before the drain has come out.
    private var isDrained: Bool { coded?.hasEnded == true && raw?.queuedCount == 0 }

    /// Whether a raw buffer is free.
    package var hasRoom: Bool { raw?.hasRoom ?? false }
    /// Raw buffers that there are.
    package var rawBufferCount: Int { raw?.count ?? 0 }
    /// Raw buffers that the encoder has.
    package var queuedCount: Int { raw?.queuedCount ?? 0 }

    // MARK: Initialization

    /// Allocates buffers for formats that were agreed on.
    ///
    /// - Parameters:
    ///   - formats: What ``negotiate(_:)`` returned last.
    ///   - origin: Whose memory raw frames have.
    /// - Throws: The driver's error, ENOMEM when it makes no buffers.
    package func allocate(_ formats: EncoderFormats, _ origin: BufferPort.Origin) throws(DeviceError) {
        var raw = RawBuffers(device, formats.rawType, origin, formats.raw)
        var coded = CodedBuffers(device, formats.codedType)
        defer {
            self.raw = raw
            self.coded = coded
        }
        self.formats = formats
        hasStarted = false
        drainIsUnderWay = false
        try raw.allocate(formats.rawBufferCount)
        try coded.allocate(formats.codedBufferCount)
    }

    /// Starts both queues, and with them the encoding.
    package func start() throws(DeviceError) {
        try startRaw()
        try startCoded()
    }

    /// Stops both queues and frees all buffers: back to initialization, also after a failure.
    ///
    /// - Throws: The first error; all steps are tried all the same.
    package func release() throws(DeviceError) {
        var failure: DeviceError?
        func attempt(_ step: () throws(DeviceError) -> Void) {
            do throws(DeviceError) { try step() } catch { failure = failure ?? error }
        }
        attempt { () throws(DeviceError) in if raw?.isStreaming == true { try raw?.stop() } }
        attempt { () throws(DeviceError) in if coded?.isStreaming == true { try coded?.stop() } }
        attempt { () throws(DeviceError) in try raw?.release() }
        attempt { () throws(DeviceError) in try coded?.release() }
        (raw, coded, hasStarted, drainIsUnderWay) = (nil, nil, false, false)
        if let failure { throw failure }
    }

    // MARK: Queues

    /// Whether a frame can be queued without a copy.
    package func canImport(_ frame: Frame) -> Bool { raw?.sharedMemories(of: frame) != nil }

    /// Gives a frame to the encoder; a buffer must be free.
    package func queue(_ frame: Frame, time: Timestamp) throws(DeviceError) {
        try raw?.queue(frame, time: time)
    }

    /// Waits for the driver.
    ///
    /// - Returns: What there is, empty when the deadline passed first.
    package func wait(_ wakeUp: WakeUp, until deadline: Timestamp?) throws(DeviceError) -> Readiness {
        var wanted: Readiness = []
        if let raw, raw.isStreaming, raw.queuedCount > 0 { wanted.insert(.outputBuffer) }
        if let coded, coded.isWaiting { wanted.insert(.buffer) }
        return try device.wait(wakeUp, until: deadline, for: wanted)
    }

    /// Takes back a raw buffer that the encoder is done with.
    package func dequeueRaw() throws(DeviceError) -> RawBuffers.Returned? { try raw?.dequeue() }

    /// Lends a coded buffer that the encoder filled; false when there is none.
    package func dequeueCoded(_ use: (CodedBuffers.Coded) -> Void) throws(DeviceError) -> Bool {
        guard try coded?.dequeue(use) == true else { return false }
        return true
    }

    /// Starts the OUTPUT queue.
    package func startRaw() throws(DeviceError) {
        // After a drain this resumes, so the coded buffers must be back with the driver.
        let wasStopped = state == .stopped
        try raw?.start()
        if wasStopped { try endDrain() }
        noteStart()
    }

    /// Stops the OUTPUT queue: what waits in it is given up; a drain under way ends at once with an empty buffer.
    package func stopRaw() throws(DeviceError) { try raw?.stop() }

    /// Starts the CAPTURE queue: what comes is a stream of its own.
    package func startCoded() throws(DeviceError) {
        try coded?.start()
        noteStart()
    }

    /// Stops the CAPTURE queue: what waits in it is given up, and so is a drain under way.
    package func stopCoded() throws(DeviceError) {
        drainIsUnderWay = false
        try coded?.stop()
    }

    private func noteStart() {
        if raw?.isStreaming == true, coded?.isStreaming == true { hasStarted = true }
    }

    // MARK: Drain

    /// Begins a drain, which ``dequeueRaw()`` and ``dequeueCoded(_:)`` bring to its end.
    ///
    /// - Returns: Whether there is an end to wait for: not while a queue does not stream.
    /// - Throws: The driver's error; that a drain is under way already is none.
    package func beginDrain() throws(DeviceError) -> Bool {
        guard !drainIsUnderWay else { return true }
        do throws(DeviceError) {
            try device.perform(EncoderCommand.stop)
        } catch {
            guard error.errno == .resourceBusy else { throw error }
        }
        guard raw?.isStreaming == true, coded?.isStreaming == true else { return false }
        drainIsUnderWay = true
        return true
    }

    /// Goes on after a drain.
    ///
    /// - Parameter way: How; a driver without the command gets the restart of its raw queue instead, and one that stays
    ///   at its end the restart of its coded queue.
    /// - Throws: The driver's error: EBUSY before the drain's end.
    package func resume(by way: Resumption) throws(DeviceError) {
        switch way {
        case .command:
            do throws(DeviceError) {
                try device.perform(EncoderCommand.start)
            } catch {
                guard error.errno == .inappropriateIOCTLForDevice || error.errno == .invalidArgument else {
                    throw error
                }
                return try resume(by: .rawRestart)
            }
            try endDrain()
        case .codedRestart:
            try stopCoded()
            try startCoded()
        case .rawRestart:
            try stopRaw()
            try startRaw()
        }
    }

    private func endDrain() throws(DeviceError) {
        drainIsUnderWay = false
        // Some drivers, vicodec among them, do not go on by all the document's ways: all go on by this one.
        if raw?.queuedCount == 0, try coded?.isStillAtEnd() == true { return try resume(by: .codedRestart) }
        try coded?.resume()
    }
}
