// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// Writes to another output on a thread of its own, so that a slow or broken one holds nobody up.
///
/// What comes waits in a queue that is bounded in bytes and in time. When it is full, pictures are left out up to the next key
/// frame, which it asks the recording for as soon as there is room again, and counted in ``packetsDropped``; what is written
/// always decodes. An output that fails can be opened again, for as long as it takes; it then goes on with a key frame.
///
/// ```swift
/// let disk = QueuedOutput(name: "/mnt/usb/copy.h264", reopening: .backoff) { try FileOutput(path: "/mnt/usb/copy.h264") }
/// try recording.add(.output(disk))
/// ```
///
/// Safe to use from any thread.
public final class QueuedOutput: CompositeOutput, DiscardableOutput {
    /// What a queued output does.
    @nonexhaustive
    public enum State: Sendable {
        /// It opens the output.
        case connecting
        /// Pictures are written.
        case running
        /// It had to leave pictures out and waits for the next key frame.
        case waitingForKeyFrame
        /// The output could not be opened or written to; it is opened again later where ``Reopening`` says so.
        case failed(CameraError)
        /// All pictures that were taken are written, and the output is complete.
        case ended
    }

    /// What is done with a picture for which the queue has no room.
    public enum WhenFull: Hashable, Sendable {
        /// It is left out, and all that come up to the next key frame.
        case dropToKeyFrame
        /// ``QueuedOutput/write(_:)`` waits while the output is open, and so the recording does.
        case wait
    }

    /// The output's name in messages, and the one whose extension can tell the format.
    public let name: String?
    private let plan: PacketWriter.Plan
    private let open: @Sendable () throws -> OpenedOutput
    private let stopTimeout: Duration
    private let state = Mutex(Life())

    private struct Life {
        var writer: PacketWriter?
        /// Packets that earlier runs left out.
        var packetsDropped = 0
        var present: State?
        var observer: (@Sendable (State) -> Void)?
        /// The observer of the recording that it is an output of.
        var reporter: (@Sendable (State) -> Void)?
        var isClosed = false
    }

    /// Prepares to write to what `opening` makes.
    ///
    /// - Parameters:
    ///   - name: The output's name in messages.
    ///   - byteLimit: The most bytes that wait.
    ///   - durationLimit: The longest time from the oldest picture that waits to the newest.
    ///   - whenFull: What is done with a picture for which there is no room.
    ///   - reopening: Whether an output that failed is opened again.
    ///   - stopTimeout: The longest time that the end of the recording waits for an output that takes no picture.
    ///   - opening: Makes the output, which is closed in the end; called on a thread of its own, for each recording and each
    ///     time that it is opened again.
    public convenience init(
        name: String, byteLimit: Int = 16_000_000, durationLimit: Duration = .seconds(10),
        whenFull: WhenFull = .dropToKeyFrame, reopening: Reopening = .never, stopTimeout: Duration = .seconds(15),
        opening: @escaping @Sendable () throws -> any Output
    ) {
        self.init(
            name, byteLimit: byteLimit, durationLimit: durationLimit, whenFull: whenFull, reopening: reopening,
            stopTimeout: stopTimeout, open: { OpenedOutput(try opening(), isOwned: true, name: name) })
    }

    /// Prepares to write to what `open` opens, with the queue of the other initialiser.
    package init(
        _ name: String, byteLimit: Int = 16_000_000, durationLimit: Duration = .seconds(10),
        whenFull: WhenFull = .dropToKeyFrame, reopening: Reopening = .never, stopTimeout: Duration,
        open: @escaping @Sendable () throws -> OpenedOutput
    ) {
        self.name = name
        self.open = open
        self.stopTimeout = stopTimeout
        plan = PacketWriter.Plan(
            threadName: "queue-write", operation: "writing to the output", name: name, byteLimit: max(byteLimit, 1),
            durationLimit: max(durationLimit, .zero), whenFull: whenFull, reopening: reopening)
    }

    deinit {
        // The thread holds what it needs, and would wait for pictures for ever.
        state.withLock { $0.writer }?.finish()
    }

    /// What it does; nil before the first recording.
    public var currentState: State? { state.withLock { $0.present } }

    /// Pictures that were left out, of all recordings, because the output was too slow, failed or was not there.
    public var packetsDropped: Int { state.withLock { $0.packetsDropped + ($0.writer?.packetsDropped ?? 0) } }

    /// How messages call what its end waits for.
    package var awaited: String? { state.withLock { $0.writer }?.awaited ?? name }

    /// Has each new state told, on the thread that writes; the last observer counts.
    public func onChange(_ observer: @escaping @Sendable (State) -> Void) {
        state.withLock { $0.observer = observer }
    }

    /// Begins to open the output.
    public func begin(_ stream: StreamDescription) throws(CameraError) {
        var plan = plan
        plan.onChange = { [weak self] in self?.note($0) }
        let writer = PacketWriter(plan, open: open)
        writer.describe(stream)
        let refusal = state.withLock { life -> CameraError? in
            guard !life.isClosed else { return CameraError(.closed, "using a queued output", subject: name) }
            guard life.writer == nil else {
                return CameraError(
                    .busy, "using a queued output", subject: name,
                    reason: "another recording writes to it; give each an output of its own")
            }
            life.writer = writer
            return nil
        }
        if let refusal { throw refusal }
        do {
            try writer.start()
        } catch {
            state.withLock { $0.writer = nil }
            throw error
        }
    }

    /// Queues a copy of a picture.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws(CameraError) {
        try write(Packet(copying: bytes, info))
    }

    /// Queues a picture, sharing its bytes.
    ///
    /// - Throws: What the output failed with for good.
    public func write(_ packet: Packet) throws(CameraError) {
        guard let writer = state.withLock({ $0.writer }) else {
            throw CameraError(.closed, "using a queued output", subject: name)
        }
        writer.append(packet)
        if let error = writer.error { throw error }
    }

    /// Waits until the pictures that were taken are written and the output is complete.
    ///
    /// - Throws: What the output failed with for good, or each time that it was opened; `.timedOut` when it took no picture for
    ///   as long as the stop time-out.
    public func end() throws(CameraError) {
        guard let writer = state.withLock({ $0.writer }) else { return }
        writer.finish()
        writer.wait(patience: stopTimeout)
        state.withLock { life in
            // Who ends it at the same time has counted already.
            guard life.writer === writer else { return }
            life.packetsDropped += writer.packetsDropped
            life.writer = nil
        }
        if let error = writer.error ?? writer.emptiness { throw error }
    }

    /// Ends as ``end()`` does, and refuses further use.
    public func close() throws(CameraError) {
        state.withLock { $0.isClosed = true }
        try end()
    }

    /// Leaves the output as it is, and refuses further use; one without a picture is taken back.
    public func discard() {
        let writer = state.withLock { life in
            life.isClosed = true
            return life.writer.take()
        }
        writer?.abandon()
    }

    /// Has each new state told to the recording as well.
    package func report(to reporter: @escaping @Sendable (State) -> Void) {
        state.withLock { $0.reporter = reporter }
    }

    private func note(_ present: State) {
        let (observer, reporter) = state.withLock { life in
            life.present = present
            return (life.observer, life.reporter)
        }
        reporter?(present)
        observer?(present)
    }
}
