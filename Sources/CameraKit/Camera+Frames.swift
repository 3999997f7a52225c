// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraEncoders

extension Camera {
    /// The camera's frames from now on, as copies that may be kept.
    ///
    /// Frames that come while `limit` are waiting are left out: the newest wait. The stream ends with the camera's source.
    ///
    /// - Parameter limit: The most frames that wait for the reader.
    /// - Returns: The frames, one after the other.
    /// - Throws: `.closed`, `.sourceEnded`.
    public func frames(bufferingNewest limit: Int = 4) throws(CameraError) -> AsyncThrowingStream<Frame, any Error> {
        try checkOpen("taking frames")
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: Frame.self, throwing: (any Error).self, bufferingPolicy: .bufferingNewest(limit))
        let feed = FrameFeed(continuation)
        continuation.onTermination = { [weak router, weak feed] _ in
            if let feed { router?.detach(feed) }
        }
        try router.attach([feed])
        return stream
    }
}

/// Copies frames into a stream.
private final class FrameFeed: FrameConsumer {
    private let continuation: AsyncThrowingStream<Frame, any Error>.Continuation
    private let pool = BytePool()

    init(_ continuation: AsyncThrowingStream<Frame, any Error>.Continuation) {
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
