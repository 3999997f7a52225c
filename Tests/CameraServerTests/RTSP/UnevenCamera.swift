// SPDX-License-Identifier: MIT

import CameraCore
import CameraKit
import TestSupport

/// A camera whose pictures show their numbers and come at uneven times, each known by its number.
///
/// It loses none: it waits for its consumers, but is never early.
final class UnevenCamera: VideoSource {
    static let size = Resolution(160, 120)
    let name = "uneven"
    let canWait = true
    let streams: [VideoStream]
    private let frames: NumberedFrames
    private let interval: Int64
    private let pool = BytePool()
    private let state = Monitor(State())

    private struct State {
        var next: UInt64 = 0
        var start: (moment: Timestamp, wall: WallTime)?
        var isInterrupted = false
    }

    init(size: Resolution = size, frameRate: FrameRate = 50) {
        streams = [VideoStream(format: .nv12, size: size, frameRate: frameRate, color: .bt601)]
        frames = NumberedFrames(size)
        interval = frameRate.interval.nanoseconds
    }

    /// The time of a picture after the first, in nanoseconds: up to a half of the interval late, to the nanosecond.
    func time(of number: Int) -> Int64 {
        Int64(number) * interval + Int64(number * 7919 % 13) * interval / 26 + Int64(number % 7)
    }

    /// The civil time of picture 0; nil before it.
    var beginning: WallTime? { state.withLock { $0.start?.wall } }

    func configure(_ request: SourceConfiguration) {}
    func start() { state.withLock { $0.isInterrupted = false } }
    func interrupt() { state.update { $0.isInterrupted = true } }
    func stop() {}
    func close() {}

    func next(timeout: Duration?) -> SourceEvent {
        let (number, start) = state.withLock { state in
            let start = state.start ?? (.now, .now)
            state.start = start
            return (state.next, start)
        }
        let time = time(of: Int(number))
        let due = start.moment + .nanoseconds(time)
        let isInterrupted: Bool? = state.wait(until: due) { $0.isInterrupted ? true : nil }
        if isInterrupted == true { return .interrupted }
        state.withLock { $0.next = number + 1 }
        guard let bytes = pool.take(frames.byteCount) else { preconditionFailure("the pool has lent all it may") }
        let picture = frames.bytes(Int(number))
        picture.withUnsafeBytes {
            if let base = $0.baseAddress { bytes.baseAddress.copyMemory(from: base, byteCount: $0.count) }
        }
        let info = FrameInfo(
            timestamp: due, wallTime: WallTime(nanosecondsSince1970: start.wall.nanosecondsSince1970 + time),
            sequence: number)
        return .frame(
            Frame(
                packed: .nv12, size: streams[0].size, color: streams[0].color, info: info, bytes: bytes))
    }
}
