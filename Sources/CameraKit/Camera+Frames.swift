// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraEncoders
internal import Synchronization

extension Camera {
    /// The camera's frames from now on, as copies that may be kept.
    ///
    /// - Parameters:
    ///   - stream: The camera's stream; 0 for the main one.
    ///   - limit: The most frames that wait for the reader, 1 or more.
    /// - Returns: The frames, one after the other.
    /// - Throws: `.closed`, `.sourceEnded`; `.invalidValue` when the camera has no such stream or for a bad limit.
    public func frames(stream: Int = 0, bufferingNewest limit: Int = 4) throws(CameraError) -> FrameSequence {
        let operation = "taking frames"
        try checkOpen(operation)
        try router.source.check(stream: stream, operation)
        guard limit >= 1 else {
            throw CameraError(.invalidValue, operation, reason: "\(limit) frames cannot wait; let 1 or more wait")
        }
        let (frames, continuation) = AsyncThrowingStream.makeStream(
            of: Frame.self, throwing: (any Error).self, bufferingPolicy: .bufferingNewest(limit))
        let feed = FrameFeed(continuation, stream: stream, limit: limit) { [weak router] in router?.roomAvailable() }
        continuation.onTermination = { [weak router, weak feed] _ in
            guard let router, let feed else { return }
            router.detach(feed)
        }
        try router.attach([feed])
        return FrameSequence(frames: frames, feed: feed)
    }
}

/// The frames of a camera, for one reader; the sequence ends with the camera's source.
///
/// Frames that the reader has not taken yet wait in a buffer. While the buffer is full, a source that can wait, such as a
/// file or a source with ``Pacing/none``, stands still, so that the reader gets every frame. A camera goes on: the oldest
/// frame in the buffer is left out, and ``FrameInfo/sequence`` shows the gap.
///
/// Leave the loop when no more frames are wanted: a sequence that is kept and not read holds back a source that can wait,
/// and all recordings of that source. For the same reason the loop must not wait for a picture or a recording of such a
/// source.
public struct FrameSequence: AsyncSequence, Sendable {
    fileprivate let frames: AsyncThrowingStream<Frame, any Error>
    fileprivate let feed: FrameFeed

    /// Makes the iterator that takes the frames.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(frames: frames.makeAsyncIterator(), feed: feed)
    }

    /// Takes one frame after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var frames: AsyncThrowingStream<Frame, any Error>.AsyncIterator
        fileprivate let feed: FrameFeed

        /// The next frame; nil when the source has ended or the camera was closed.
        ///
        /// - Throws: What the source failed with.
        public mutating func next() async throws -> Frame? {
            let frame = try await frames.next()
            if frame != nil { feed.noteTaken() }
            return frame
        }
    }
}

/// Copies frames into a stream.
private final class FrameFeed: FrameConsumer {
    let stream: Int?
    private let continuation: AsyncThrowingStream<Frame, any Error>.Continuation
    private let pool = BytePool()
    private let limit: Int
    private let onRoom: @Sendable () -> Void
    /// Frames that wait for the reader.
    private let waiting = Mutex(0)

    init(
        _ continuation: AsyncThrowingStream<Frame, any Error>.Continuation, stream: Int, limit: Int,
        onRoom: @escaping @Sendable () -> Void
    ) {
        self.continuation = continuation
        self.stream = stream
        self.limit = limit
        self.onRoom = onRoom
    }

    func hasRoom(among consumers: Int) -> Bool { waiting.withLock { $0 < limit } }

    func accept(_ frame: Frame) -> FrameReceipt {
        guard let copy = frame.isLoan ? frame.copy(from: pool) : frame else { return .refused }
        // Before the reader can have it.
        waiting.withLock { $0 += 1 }
        switch continuation.yield(copy) {
        case .terminated: return .refused
        case .dropped: waiting.withLock { $0 -= 1 }
        default: break
        }
        return .taken
    }

    /// The reader has taken a frame.
    func noteTaken() {
        waiting.withLock { $0 -= 1 }
        onRoom()
    }

    func finish(_ error: CameraError?) {
        // That the camera is closed is an end, and no failure.
        continuation.finish(throwing: error?.code == .closed ? nil : error)
    }
}
