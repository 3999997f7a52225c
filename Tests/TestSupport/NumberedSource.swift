// SPDX-License-Identifier: MIT

package import CameraCore
internal import Synchronization

/// A source of small grey pictures that carry their number in their first eight bytes; it waits for its consumers.
package final class NumberedSource: VideoSource {
    package let name = "numbered"
    package let canWait = true
    private let stream: VideoStream
    private let limit: UInt64
    private let pool = BytePool()
    private let state = Mutex((next: UInt64(0), interrupted: false))

    /// Makes a source of `limit` pictures.
    package init(size: Resolution = Resolution(16, 16), frameRate: FrameRate = 30, limit: UInt64 = .max) {
        self.stream = VideoStream(format: .yuv420, size: size, frameRate: frameRate, color: .bt601)
        self.limit = limit
    }

    package var streams: [VideoStream] { [stream] }

    /// Pictures that were delivered.
    package var delivered: UInt64 { state.withLock { $0.next } }

    package func configure(_ request: SourceConfiguration) {}

    package func start() { state.withLock { $0.interrupted = false } }

    package func next(timeout: Duration?) -> SourceEvent {
        let number = state.withLock { state -> UInt64? in
            if state.interrupted { return nil }
            defer { state.next += 1 }
            return state.next
        }
        guard let number else { return .interrupted }
        guard number < limit else {
            state.withLock { $0.next = limit }
            return .ended
        }
        return .frame(
            Self.frame(number, of: stream, from: pool, at: Timestamp(nanoseconds: 1 + Int64(number) * 33_333_333)))
    }

    package func interrupt() { state.withLock { $0.interrupted = true } }

    package func stop() {}

    package func close() {}

    /// A grey picture of a number.
    package static func frame(
        _ number: UInt64, of stream: VideoStream, from pool: BytePool, at time: Timestamp
    ) -> Frame {
        let count = stream.format.byteCount(of: stream.size) ?? 0
        guard let bytes = pool.take(count) else { preconditionFailure("the pool has lent all it may") }
        bytes.baseAddress.initializeMemory(as: UInt8.self, repeating: 128, count: count)
        bytes.baseAddress.storeBytes(of: number.littleEndian, as: UInt64.self)
        return Frame(
            packed: stream.format, size: stream.size, color: stream.color,
            info: FrameInfo(timestamp: time, wallTime: .now, sequence: number), bytes: bytes)
    }

    /// The numbers of the raw pictures in `bytes`, which holds nothing else.
    package static func numbers(in bytes: [UInt8], frameByteCount: Int) -> [UInt64] {
        precondition(bytes.count % frameByteCount == 0, "the file ends within a picture")
        return stride(from: 0, to: bytes.count, by: frameByteCount).map { start in
            (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
        }
    }
}
