// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// Sends a stream's pictures to one client, from PLAY to PAUSE or the end.
///
/// Phases: made, running, stopped. ``start(_:)`` and ``stop(saysGoodbye:)`` move it on, or the end of the stream or of the client.
final class RTPPlayer: Sendable {
    private let viewer: LiveViewer
    private let stream: LiveStream
    private let transport: any RTPTransport
    private let activity: RTSPActivity
    private let counts: RTSPCounts
    private let onEnd: @Sendable () -> Void
    private let state = Mutex(State())

    private struct State {
        var task: Task<Void, Never>?
        var isStopped = false
        var saysGoodbye = true
        /// What the reports tell.
        var packets: UInt32 = 0
        var bytes: UInt32 = 0
        /// The last picture that was sent.
        var last: LiveChunk?
        var nextReport = Timestamp.now
    }

    /// From report to report: RFC 3550 asks for five seconds, and the time until a picture comes may be added.
    private static let reportInterval = Duration.seconds(4)

    /// Begins to watch, and sends nothing yet; nil for a stream that has no packets.
    ///
    /// - Parameters:
    ///   - stream: What is sent.
    ///   - transport: How it gets to the client.
    ///   - activity: Told when the client has taken something.
    ///   - counts: Told of what was sent.
    ///   - onEnd: Called when the stream or the client has ended by itself; must not wait.
    init?(
        _ stream: LiveStream, _ transport: any RTPTransport, _ activity: RTSPActivity, _ counts: RTSPCounts,
        onEnd: @escaping @Sendable () -> Void
    ) {
        guard let viewer = stream.join(.packets) else { return nil }
        self.viewer = viewer
        self.stream = stream
        self.transport = transport
        self.activity = activity
        self.counts = counts
        self.onEnd = onEnd
        counts.change { $0.players += 1 }
    }

    /// Waits for the first picture, and holds it back.
    ///
    /// - Returns: The picture; nil where none comes by then.
    func first(until deadline: Timestamp) async -> LiveChunk? {
        while let item = await viewer.next(until: deadline) {
            if case .picture(let chunk) = item, !chunk.packets.isEmpty { return chunk }
        }
        return nil
    }

    /// Begins to send, with the picture that was held back.
    func start(_ first: LiveChunk?) {
        // The task waits for the lock before it looks at the state.
        state.withLock { $0.task = Task.ofServer { [self] in await run(first) } }
    }

    /// Ceases to send; what is being sent is sent to its end.
    func stop(saysGoodbye: Bool) async {
        let task = state.withLock { state in
            state.isStopped = true
            state.saysGoodbye = saysGoodbye
            return state.task
        }
        stream.leave(viewer, .packets)
        if Task.isCancelled { task?.cancel() }
        await task?.value
        let dropped = viewer.dropped
        counts.change { counts in
            counts.players -= 1
            counts.droppedPictures += dropped
        }
    }

    private var isStopped: Bool { state.withLock(\.isStopped) }

    private func run(_ first: LiveChunk?) async {
        do {
            if let first { try await sendWithReport(first) }
            while !isStopped {
                let (hasSent, nextReport) = state.withLock { ($0.last != nil, $0.nextReport) }
                // The first picture waits for a report in front of it.
                let item =
                    hasSent
                    ? await viewer.next(until: nextReport) { [self] in sendAtOnce($0) } : await viewer.next(until: nil)
                switch item {
                case .beginning: break
                case .rest: try await transport.sendRest()
                case .picture(let chunk):
                    guard !chunk.packets.isEmpty, !isStopped else { break }
                    if hasSent, .now < nextReport { try await send(chunk) } else { try await sendWithReport(chunk) }
                case nil:
                    guard !viewer.isEnded, !Task.isCancelled, let last = state.withLock(\.last) else {
                        try await sayGoodbye()
                        if !isStopped { onEnd() }
                        return
                    }
                    try await report(last)
                }
            }
            try await sayGoodbye()
        } catch {
            // The client is gone, or takes nothing.
            onEnd()
        }
    }

    /// Sends a picture behind a report, so that its packets have their civil time from the first one on.
    private func sendWithReport(_ chunk: LiveChunk) async throws {
        try await report(chunk)
        try await send(chunk)
    }

    private func send(_ chunk: LiveChunk) async throws {
        try await transport.send(chunk)
        noteSent(chunk)
    }

    /// Sends a picture without waiting, on the thread that brings it.
    private func sendAtOnce(_ chunk: LiveChunk) -> ConnectionWriter.AtOnce {
        guard !chunk.packets.isEmpty else { return .refused }
        let sent = transport.sendAtOnce(chunk)
        if case .refused = sent { return sent }
        noteSent(chunk)
        return sent
    }

    private func noteSent(_ chunk: LiveChunk) {
        if transport.isAcknowledged { activity.note() }
        let packets = chunk.packets.count
        let bytes = chunk.packets.reduce(0) { $0 + $1.count - RTPPackets.headerByteCount }
        state.withLock { state in
            state.last = chunk
            state.packets &+= UInt32(truncatingIfNeeded: packets)
            state.bytes &+= UInt32(truncatingIfNeeded: bytes)
        }
        counts.change { counts in
            counts.packets += packets
            counts.bytes += bytes
        }
    }

    private func sayGoodbye() async throws {
        let (last, saysGoodbye) = state.withLock { ($0.last, $0.saysGoodbye) }
        if let last, saysGoodbye { try await report(last, isLast: true) }
    }

    /// Tells the sensor's clock: what it shows now in ticks and in civil time, by what both were at a picture.
    private func report(_ chunk: LiveChunk, isLast: Bool = false) async throws {
        guard let packet = chunk.packets.first else { return }
        let header = RTPHeader(chunk.bytes[packet])
        let gone = (Timestamp.now - chunk.info.sensorTime).nanoseconds
        // A camera may have times that are not this machine's; the two still belong together.
        let age = (0...60_000_000_000).contains(gone) ? gone : 0
        let sent = state.withLock { state in
            state.nextReport = .now + Self.reportInterval
            return (state.packets, state.bytes)
        }
        let wall = chunk.info.wallTime.nanosecondsSince1970 &+ age
        let sender = RTCP.Sender(
            source: header.source, wallTime: WallTime(nanosecondsSince1970: wall),
            time: header.time &+ UInt32(truncatingIfNeeded: RTPClock.ticks(age)), packets: sent.0, bytes: sent.1)
        try await transport.sendReport(RTCP.report(sender, isLast: isLast))
    }
}
