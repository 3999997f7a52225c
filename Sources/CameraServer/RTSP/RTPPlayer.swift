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
        var last = first
        var nextReport = Timestamp.now
        do {
            if let first {
                // In front of the first packet, which then has its civil time from the beginning.
                try await report(first)
                nextReport = .now + Self.reportInterval
                try await send(first)
            }
            while !isStopped {
                switch await viewer.next(until: last == nil ? nil : nextReport) {
                case .beginning: break
                case .picture(let chunk):
                    guard !chunk.packets.isEmpty, !isStopped else { break }
                    if last == nil || nextReport <= .now {
                        try await report(chunk)
                        nextReport = .now + Self.reportInterval
                    }
                    try await send(chunk)
                    last = chunk
                case nil:
                    guard !viewer.isEnded, !Task.isCancelled, let last else {
                        try await sayGoodbye(last)
                        if !isStopped { onEnd() }
                        return
                    }
                    try await report(last)
                    nextReport = .now + Self.reportInterval
                }
            }
            try await sayGoodbye(last)
        } catch {
            // The client is gone, or takes nothing.
            onEnd()
        }
    }

    private func send(_ chunk: LiveChunk) async throws {
        try await transport.send(chunk)
        if transport.isAcknowledged { activity.note() }
        let packets = chunk.packets.count
        let bytes = chunk.packets.reduce(0) { $0 + $1.count - RTPPackets.headerByteCount }
        state.withLock { state in
            state.packets &+= UInt32(truncatingIfNeeded: packets)
            state.bytes &+= UInt32(truncatingIfNeeded: bytes)
        }
        counts.change { counts in
            counts.packets += packets
            counts.bytes += bytes
        }
    }

    private func sayGoodbye(_ last: LiveChunk?) async throws {
        guard let last, state.withLock(\.saysGoodbye) else { return }
        try await report(last, isLast: true)
    }

    /// Tells the sensor's clock: what it shows now in ticks and in civil time, by what both were at a picture.
    private func report(_ chunk: LiveChunk, isLast: Bool = false) async throws {
        guard let packet = chunk.packets.first else { return }
        let header = RTPHeader(chunk.bytes[packet])
        let gone = (Timestamp.now - chunk.info.sensorTime).nanoseconds
        // A camera may have times that are not this machine's; the two still belong together.
        let age = (0...60_000_000_000).contains(gone) ? gone : 0
        let sent = state.withLock { ($0.packets, $0.bytes) }
        let wall = chunk.info.wallTime.nanosecondsSince1970 &+ age
        let sender = RTCP.Sender(
            source: header.source, wallTime: WallTime(nanosecondsSince1970: wall),
            time: header.time &+ UInt32(truncatingIfNeeded: RTPClock.ticks(age)), packets: sent.0, bytes: sent.1)
        try await transport.sendReport(RTCP.report(sender, isLast: isLast))
    }
}
