// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// The latest pictures of a recording in memory, to be written to files when something happened.
///
/// The ring keeps whole pictures and forgets the oldest first. ``copy(to:last:frames:bytes:firstFrame:)`` writes the
/// pictures that are kept; ``startWriting(to:last:)`` writes these and all that follow as one recording. Both work while
/// recording, and neither makes the encoder wait. Safe to use from any thread.
///
/// ```swift
/// let ring = try CircularOutput(.time(.seconds(20)))
/// try camera.startRecording(to: ring, format: .h264)
/// // ... when something moved:
/// try ring.copy(to: "before.h264", last: .seconds(10))
/// ```
///
/// What is written starts with a key frame, and has at least the time or the number of pictures that was asked for, as far as
/// the ring keeps so many. The ring asks the recording for a key frame a second, so that it is little more.
public final class CircularOutput: CompositeOutput {
    /// The default limit of the bytes that a ring keeps: 128 MB, a minute at 17 Mbit/s.
    public static let defaultByteLimit = 128_000_000

    /// A stretch of pictures that ends with the newest one and begins with a key frame.
    public enum Extent: Hashable, Sendable {
        /// All that are shown within this time before the newest, and those before them from a key frame on.
        case time(Duration)
        /// So many pictures, and those before them from a key frame on.
        case frames(Int)
        /// Pictures of at most so many bytes together.
        case bytes(Int)

        var isPositive: Bool {
            switch self {
            case .time(let duration): duration > .zero
            case .frames(let count), .bytes(let count): count >= 1
            }
        }
    }

    /// The longest time from one key frame to the next: copies begin with one.
    private static let keyFrameInterval = Duration.seconds(1)

    /// The pictures that are kept.
    public let limit: Extent
    /// The most bytes that are kept, whatever ``limit`` says.
    public let byteLimit: Int
    /// The most bytes that wait to be written live, beside what was in the ring.
    let queueLimit: Int
    /// How long the end waits for a live output that takes no picture.
    let stopTimeout: Duration
    let state: Mutex<State>

    struct State: Sendable {
        var ring: PacketRing
        var stream: StreamDescription?
        var live: PacketWriter?
        /// What is written for others, and ends by itself.
        var stretches: [PacketWriter] = []
        /// Packets that earlier writers left out.
        var packetsDropped = 0
        /// How messages call the live output while its end is waited for.
        var awaited: String?
        var isClosed = false
        /// Whether the recording has ended, so that no picture comes before another begins.
        var hasEnded = false
        /// When the newest key frame is shown; nil before the first.
        var latestKeyFrame: Duration?
        /// Whether the next one was asked for.
        var hasAskedForKeyFrame = false

        var writers: [PacketWriter] { stretches + (live.map { [$0] } ?? []) }

        /// Forgets the writers of stretches that have ended.
        mutating func forgetEnded() {
            stretches.removeAll { writer in
                guard writer.isDone else { return false }
                packetsDropped += writer.packetsDropped
                return true
            }
        }

        /// Notes a picture; whether a key frame is to be asked for behind it.
        mutating func noteTaken(_ info: PacketInfo) -> Bool {
            if info.isKeyFrame { (latestKeyFrame, hasAskedForKeyFrame) = (info.timestamp, false) }
            guard let latest = latestKeyFrame, !hasAskedForKeyFrame else { return false }
            hasAskedForKeyFrame = info.timestamp - latest >= CircularOutput.keyFrameInterval
            return hasAskedForKeyFrame
        }
    }

    /// Makes an empty ring.
    ///
    /// - Parameters:
    ///   - limit: The pictures to keep.
    ///   - byteLimit: The most bytes to keep, whatever `limit` says; nil for that of `.bytes`, else for
    ///     ``defaultByteLimit``.
    ///   - queueLimit: The most bytes that wait for a live output, not counting the pictures that the ring held at its start.
    ///   - stopTimeout: The longest time that ``end()`` and ``close()`` wait for a live output that takes no picture.
    /// - Throws: `.invalidValue` for a limit that is not positive.
    public init(
        _ limit: Extent, byteLimit: Int? = nil, queueLimit: Int = 64_000_000, stopTimeout: Duration = .seconds(15)
    ) throws(CameraError) {
        let ownByteLimit: Int? = if case .bytes(let count) = limit { count } else { nil }
        let byteLimit = byteLimit ?? ownByteLimit ?? Self.defaultByteLimit
        guard limit.isPositive, byteLimit >= 1, queueLimit >= 1 else {
            throw CameraError(.invalidValue, "making a circular output", reason: "its limits must be positive")
        }
        self.limit = limit
        self.byteLimit = byteLimit
        self.queueLimit = queueLimit
        self.stopTimeout = stopTimeout
        state = Mutex(State(ring: PacketRing(limit, byteLimit: byteLimit)))
    }

    deinit {
        // The threads hold them, and would wait for packets for ever.
        for writer in state.withLock({ $0.writers }) { writer.finish() }
    }

    /// The pictures that are kept, oldest first.
    public var frames: [CircularFrame] { state.withLock { $0.ring.frames } }

    /// The number of bytes that are kept.
    public var byteCount: Int { state.withLock { $0.ring.byteCount } }

    /// What is being written, while its end is waited for.
    package var awaited: String? { state.withLock { $0.awaited } }

    /// Whether pictures were forgotten for ``byteLimit`` that are within ``limit``.
    package var isFull: Bool { state.withLock { $0.ring.isFull } }

    /// Forgets all pictures, so that the next copy does not overlap the last one.
    public func clear() {
        let forgotten = state.withLock { takeRing(&$0) }
        withExtendedLifetime(forgotten) {}
    }

    /// Forgets the pictures of an earlier recording.
    public func begin(_ stream: StreamDescription) throws(CameraError) {
        let forgotten = try state.withLock { state throws(CameraError) in
            try checkOpen(state)
            state.stream = stream
            state.hasEnded = false
            (state.latestKeyFrame, state.hasAskedForKeyFrame) = (nil, false)
            for writer in state.writers { writer.describe(stream) }
            return takeRing(&state)
        }
        withExtendedLifetime(forgotten) {}
    }

    /// Keeps a copy of a picture.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws(CameraError) {
        try write(Packet(copying: bytes, info))
    }

    /// Keeps a picture, sharing its bytes.
    public func write(_ packet: Packet) throws(CameraError) {
        let (forgotten, asked) = try state.withLock { state throws(CameraError) in
            try checkOpen(state)
            for writer in state.writers { writer.append(packet) }
            state.forgetEnded()
            let mustAsk = state.noteTaken(packet.info)
            return (state.ring.append(packet), mustAsk ? state.stream : nil)
        }
        asked?.requestKeyFrame()
        withExtendedLifetime(forgotten) {}
    }

    /// Ends what is being written with the newest picture and waits until it is complete; the pictures in the ring stay.
    ///
    /// ``stopWriting(timeout:)`` throws the error of a live output that failed, or that took no picture for so long that it was
    /// abandoned.
    public func end() {
        let writers = state.withLock { state in
            state.hasEnded = true
            return state.writers
        }
        for writer in writers { writer.finish() }
        let start = Timestamp.now
        for writer in writers {
            state.withLock { $0.awaited = writer.awaited }
            writer.wait(patience: stopTimeout, since: start)
        }
        state.withLock { state in
            state.awaited = nil
            state.forgetEnded()
        }
    }

    /// Ends what is being written as ``end()`` does, forgets all pictures, and refuses further use.
    public func close() {
        end()
        let forgotten = state.withLock { state in
            state.isClosed = true
            return takeRing(&state)
        }
        withExtendedLifetime(forgotten) {}
    }

    func checkOpen(_ state: State) throws(CameraError) {
        guard !state.isClosed else { throw CameraError(.closed, "using a circular output") }
    }

    /// Takes the pictures out, for the caller to let go of outside the lock: freeing can be work.
    private func takeRing(_ state: inout State) -> PacketRing {
        defer { state.ring = PacketRing(limit, byteLimit: byteLimit) }
        return state.ring
    }
}

/// A picture in a ring.
public struct CircularFrame: Hashable, Sendable {
    /// What is known about the picture.
    public let info: PacketInfo
    /// The number of the picture's bytes, parameter sets included.
    public let byteCount: Int
    /// The offset of the picture in the ring: the number of bytes of older pictures.
    public let position: Int
}
