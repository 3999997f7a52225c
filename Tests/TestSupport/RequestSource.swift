// SPDX-License-Identifier: MIT

package import CameraCore
internal import Synchronization

/// A source of several streams, whose frames of one request carry the same number in their first eight bytes; it waits for
/// its consumers.
package final class RequestSource: VideoSource {
    package let name = "requests"
    package let canWait = true
    package let streams: [VideoStream]
    private let limit: UInt64
    private let lost: [Int: Set<UInt64>]
    private let pool = BytePool()
    private let state = Mutex(State())

    private struct State {
        var next: UInt64 = 0
        var stream = 0
        var interrupted = false
    }

    /// What the first request is numbered with: a camera may have made some before.
    package static let firstRequest: UInt64 = 100

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - sizes: The sizes of its streams.
    ///   - limit: Requests until it ends.
    ///   - lost: Pictures of each stream that the driver loses.
    package init(sizes: [Resolution], limit: UInt64 = .max, lost: [Int: Set<UInt64>] = [:]) {
        streams = sizes.map { VideoStream(format: .yuv420, size: $0, frameRate: 30, color: .bt601) }
        self.limit = limit
        self.lost = lost
    }

    package func configure(_ request: SourceConfiguration) {}

    package func start() { state.withLock { $0.interrupted = false } }

    package func next(timeout: Duration?) -> SourceEvent {
        while true {
            let position = state.withLock { state -> (number: UInt64, stream: Int)? in
                if state.interrupted { return nil }
                defer {
                    state.stream += 1
                    if state.stream == streams.count { (state.next, state.stream) = (state.next + 1, 0) }
                }
                return (state.next, state.stream)
            }
            guard let (number, stream) = position else { return .interrupted }
            guard number < limit else { return .ended }
            if !(lost[stream]?.contains(number) ?? false) { return .frame(frame(number, stream)) }
        }
    }

    package func interrupt() { state.withLock { $0.interrupted = true } }

    package func stop() {}

    package func close() {}

    private func frame(_ number: UInt64, _ stream: Int) -> Frame {
        let description = streams[stream]
        let count = description.format.byteCount(of: description.size) ?? 0
        guard let bytes = pool.take(count) else { preconditionFailure("the pool has no limit") }
        bytes.baseAddress.initializeMemory(as: UInt8.self, repeating: 128, count: count)
        bytes.baseAddress.storeBytes(of: number.littleEndian, as: UInt64.self)
        let time = Timestamp(nanoseconds: 1 + Int64(number) * 33_333_333)
        return Frame(
            packed: description.format, size: description.size, color: description.color,
            info: FrameInfo(
                timestamp: time, wallTime: .now, sequence: number, request: Self.firstRequest + number, stream: stream),
            bytes: bytes)
    }
}
