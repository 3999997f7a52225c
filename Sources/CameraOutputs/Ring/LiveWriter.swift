// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

/// A queue of pictures with a thread that writes them to an output.
final class LiveWriter: Sendable {
    private let target: OpenedOutput
    private let queueLimit: Int
    private let monitor = Monitor(State())

    private struct State {
        var stream: StreamDescription?
        var queue = Deque<Packet>()
        /// Packets at the head of the queue that came from a ring: their memory is counted there.
        var headCount = 0
        /// Bytes of the packets behind the head.
        var byteCount = 0
        var needsKeyFrame = true
        var filter = StartFilter()
        var hasOverflowed = false
        var packetsDropped = 0
        var isFinishing = false
        var isDone = false
        /// When the output took a picture last.
        var latestWrite = Timestamp.now
        var first: PacketInfo?
        var last: PacketInfo?
        var error: CameraError?
        var thread: WorkerThread?
    }

    /// Makes a writer; nothing runs before ``start()``.
    ///
    /// - Parameters:
    ///   - target: What to write to.
    ///   - queueLimit: The most bytes that wait, beside those of the head.
    init(_ target: OpenedOutput, queueLimit: Int) {
        self.target = target
        self.queueLimit = queueLimit
    }

    /// The output's name for messages.
    var name: String { target.name }
    /// How messages call what it may wait for.
    var awaited: String { target.awaited }
    /// Packets that were left out because the output was too slow or failed.
    var packetsDropped: Int { monitor.withLock { $0.packetsDropped } }
    /// What ended the writing early.
    var error: CameraError? { monitor.withLock { $0.error } }
    /// Whether the caller runs on the writer's thread.
    var isCurrentThread: Bool { monitor.withLock { $0.thread }?.isCurrent ?? false }

    /// Starts the thread; it waits for packets.
    func start() throws(CameraError) {
        let thread = try WorkerThread("circular-write") { self.run() }
        monitor.withLock { $0.thread = thread }
    }

    /// Tells what the packets belong to.
    func describe(_ stream: StreamDescription?) {
        monitor.withLock { $0.stream = stream }
    }

    /// Puts the packets of a ring at the head of the queue; without any, the next key frame is the first.
    func putHead(_ packets: [Packet]) {
        monitor.update { state in
            if let first = packets.first {
                state.filter.begin(with: first.info.lineage)
                state.queue.append(first)
            }
            for packet in packets.dropFirst() where state.filter.admits(packet.info.lineage) {
                state.queue.append(packet)
            }
            state.headCount = state.queue.count
            state.needsKeyFrame = packets.isEmpty
        }
    }

    /// Queues a packet, or leaves it out, without waiting; once there was no room, up to the next key frame.
    func append(_ packet: Packet) {
        monitor.update { state in
            if state.error != nil { state.packetsDropped += 1 }
            guard !state.isFinishing else { return }
            if state.needsKeyFrame, packet.info.isKeyFrame {
                state.filter.begin(with: packet.info.lineage)
            } else if !state.needsKeyFrame, !state.filter.admits(packet.info.lineage) {
                return
            }
            let startsHere = !state.needsKeyFrame || packet.info.isKeyFrame
            // A picture that is larger than the limit passes when nothing else waits.
            let fits = state.byteCount == 0 || state.byteCount + packet.bytes.count <= queueLimit
            if startsHere && fits {
                state.queue.append(packet)
                state.byteCount += packet.bytes.count
                state.needsKeyFrame = false
                state.hasOverflowed = false
            } else {
                if startsHere { state.hasOverflowed = true }
                state.needsKeyFrame = true
                // What precedes the first key frame is not missing from the file.
                if state.hasOverflowed { state.packetsDropped += 1 }
            }
        }
    }

    /// Takes no more packets; the thread ends when it has written those that it has.
    func finish() {
        monitor.update { $0.isFinishing = true }
    }

    /// Waits until the output is complete, or gives it up: then ``error`` says so.
    ///
    /// - Parameter patience: How long the output may stand still.
    func wait(patience: Duration) {
        var start = Timestamp.now
        while monitor.wait(until: .deadline(from: start, after: patience), { $0.isDone ? true : nil }) == nil {
            let latest = monitor.withLock { $0.latestWrite }
            guard latest > start else {
                return abandon(
                    CameraError(
                        .timedOut, "ending the live output", subject: awaited,
                        reason: "it took no picture for \(patience) and is left behind incomplete"))
            }
            start = latest
        }
    }

    /// Lets go of the packets that wait, and leaves the thread to end when the output lets it.
    ///
    /// - Parameter error: Why, which nobody waits any longer for; nil for no error.
    func abandon(_ error: CameraError? = nil) {
        let queue = monitor.update { state in
            state.isFinishing = true
            if let error {
                state.error = state.error ?? error
                state.isDone = true
            }
            state.packetsDropped += state.queue.count
            defer { state.queue = [] }
            return state.queue
        }
        withExtendedLifetime(queue) {}
    }

    /// The first and last picture written; nil when there was none.
    var written: (first: PacketInfo, last: PacketInfo)? {
        monitor.withLock { state in
            guard let first = state.first, let last = state.last else { return nil }
            return (first, last)
        }
    }

    private func run() {
        do {
            while let (packet, stream, isFirst) = nextPacket() {
                if isFirst, let stream { try target.output.begin(stream) }
                try target.output.write(isFirst ? packet.withHeaders(stream?.parameterSets ?? []) : packet)
                monitor.withLock { state in
                    state.first = state.first ?? packet.info
                    state.last = packet.info
                    state.latestWrite = .now
                }
            }
            if written == nil {
                target.discard()
            } else {
                try target.output.end()
                try target.release()
            }
        } catch {
            fail(CameraError(wrapping: error, as: .output, "writing the ring", subject: name))
        }
        monitor.update { $0.isDone = true }
    }

    /// Waits for the next packet; nil when there will be none.
    private func nextPacket() -> (packet: Packet, stream: StreamDescription?, isFirst: Bool)? {
        monitor.wait { state in
            guard let packet = state.queue.popFirst() else { return state.isFinishing ? .some(nil) : nil }
            if state.headCount > 0 {
                state.headCount -= 1
            } else {
                state.byteCount -= packet.bytes.count
            }
            return .some((packet, state.stream, state.first == nil))
        }
    }

    /// Keeps the error, lets go of the packets that wait, and closes the output.
    private func fail(_ error: CameraError) {
        monitor.withLock { state in
            state.error = state.error ?? error
            // The one that could not be written.
            state.packetsDropped += 1
        }
        abandon()
        // The first error is the one to report.
        try? target.release()
    }
}
