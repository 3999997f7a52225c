// SPDX-License-Identifier: MIT

package import CameraCore

/// A camera whose frames and failures the test sends by hand; it does not wait for anybody, unless that is asked for.
package final class LiveSource: VideoSource {
    package let name = "live"
    package let canWait: Bool
    private let stream: VideoStream
    private let pool: BytePool
    private let state = Monitor(State())

    private struct State {
        var events: [Result<SourceEvent, CameraError>] = []
        var nextNumber: UInt64 = 0
        var isInterrupted = false
    }

    /// Makes a source of pictures of this size, in so many buffers that it waits for.
    package init(
        size: Resolution = Resolution(16, 16), format: PixelFormat = .yuv420, frameRate: FrameRate = 30,
        loans: Int = .max, canWait: Bool = false
    ) {
        self.pool = BytePool(limit: loans)
        self.canWait = canWait
        self.stream = VideoStream(
            format: format, size: size, frameRate: frameRate, color: format == .mjpeg ? .jpeg : .bt601)
    }

    /// What was sent and not taken yet.
    package var waiting: Int { state.withLock { $0.events.count } }

    /// Buffers that others hold.
    package var lent: Int { pool.outstanding }

    package var streams: [VideoStream] { [stream] }

    /// Sends the next frame after leaving out `gap` of them.
    package func sendFrame(gap: UInt64 = 0, at time: Timestamp = .now) {
        let number = state.withLock { state in
            defer { state.nextNumber += gap + 1 }
            return state.nextNumber + gap
        }
        send(.success(.frame(NumberedSource.frame(number, of: stream, from: pool, at: time))))
    }

    /// Sends the next frame of a camera that compresses.
    package func sendPicture(_ bytes: [UInt8], at time: Timestamp = .now) {
        let number = state.withLock { state in
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
        guard let block = pool.take(max(bytes.count, 1)) else { preconditionFailure("the pool has lent all it may") }
        bytes.withUnsafeBytes {
            if let start = $0.baseAddress { block.baseAddress.copyMemory(from: start, byteCount: $0.count) }
        }
        let plane = Frame.Plane(
            baseAddress: UnsafeRawPointer(block.baseAddress), byteCount: bytes.count, stride: bytes.count)
        let frame = Frame(
            format: stream.format, size: stream.size, color: stream.color,
            info: FrameInfo(timestamp: time, wallTime: .now, sequence: number), planes: [plane], owner: block)
        send(.success(.frame(frame)))
    }

    /// Sends anything else.
    package func send(_ event: Result<SourceEvent, CameraError>) {
        state.update { $0.events.append(event) }
    }

    package func configure(_ request: SourceConfiguration) {}

    package func start() { state.withLock { $0.isInterrupted = false } }

    package func next(timeout: Duration?) throws -> SourceEvent {
        let event = state.waitAndUpdate(until: .deadline(after: timeout)) {
            state -> Result<SourceEvent, CameraError>? in
            if state.isInterrupted { return .success(.interrupted) }
            return state.events.isEmpty ? nil : state.events.removeFirst()
        }
        return try event?.get() ?? .timedOut
    }

    package func interrupt() { state.update { $0.isInterrupted = true } }

    package func stop() {}

    package func close() {}
}
