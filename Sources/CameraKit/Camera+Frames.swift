// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraEncoders

extension Camera {
    /// The camera's frames from now on, as copies that may be kept.
    ///
    /// Frames that come while `limit` are waiting are left out: the newest wait. The stream ends with the camera's source.
    ///
    /// - Parameters:
    ///   - stream: The camera's stream; 0 for the main one.
    ///   - limit: The most frames that wait for the reader.
    /// - Returns: The frames, one after the other.
    /// - Throws: `.closed`, `.sourceEnded`; `.invalidValue` when the camera has no such stream.
    public func frames(
        stream: Int = 0, bufferingNewest limit: Int = 4
    ) throws(CameraError) -> AsyncThrowingStream<Frame, any Error> {
        try checkOpen("taking frames")
        try router.source.check(stream: stream, "taking frames")
        let (frames, continuation) = AsyncThrowingStream.makeStream(
            of: Frame.self, throwing: (any Error).self, bufferingPolicy: .bufferingNewest(limit))
        let feed = FrameFeed(continuation, stream: stream)
        continuation.onTermination = { [weak router, weak feed] _ in
            if let feed { router?.detach(feed) }
        }
        try router.attach([feed])
        return frames
    }
}

/// Copies frames into a stream.
private final class FrameFeed: FrameConsumer {
    private let continuation: AsyncThrowingStream<Frame, any Error>.Continuation
    private let pool = BytePool()
    let stream: Int?

    init(_ continuation: AsyncThrowingStream<Frame, any Error>.Continuation, stream: Int) {
        self.stream = stream
        self.continuation = continuation
    }

    /// The stream keeps the newest, so it always has room.
    var hasRoom: Bool { true }

    func accept(_ frame: Frame) -> Bool {
        guard let copy = frame.isLoan ? frame.copy(from: pool) : frame else { return false }
        if case .terminated = continuation.yield(copy) { return false }
        return true
    }

    func finish(_ error: CameraError?) {
        continuation.finish(throwing: error)
    }
}
