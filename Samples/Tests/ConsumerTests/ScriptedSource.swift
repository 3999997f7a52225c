// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization

/// A source of the user's: plays a list of steps, each frame one flat colour.
final class ScriptedSource: VideoSource {
    /// What happens next.
    enum Step {
        /// A frame of this luma.
        case frame(UInt8)
        /// Frames that came damaged.
        case damaged(Int)
        /// The source fails.
        case failure(any Error)
    }

    let name = "script"
    let canWait = true
    let streams: [VideoStream]
    private let steps: [Step]
    private let pool = BytePool()
    private let state = Mutex(State())

    private struct State {
        var next = 0
        var sequence: UInt64 = 0
        var isInterrupted = false
    }

    init(_ steps: [Step], size: Resolution = Resolution(32, 16), frameRate: FrameRate = 25) {
        self.steps = steps
        streams = [VideoStream(format: .yuv420, size: size, frameRate: frameRate, color: .bt601)]
    }

    /// A source of `count` frames whose lumas are 0, 1, 2 and so on, and after 255 again 0.
    static func counting(_ count: Int) -> ScriptedSource {
        ScriptedSource((0..<count).map { .frame(UInt8(truncatingIfNeeded: $0)) })
    }

    func configure(_ request: SourceConfiguration) throws {
        guard request.resolution ?? streams[0].size == streams[0].size else {
            throw CameraError(.unsupported, "configuring the script", reason: "it has one size")
        }
    }

    func start() {}

    func next(timeout: Duration?) throws -> SourceEvent {
        let (step, sequence) = state.withLock { state -> (Step?, UInt64) in
            guard !state.isInterrupted, state.next < steps.count else { return (nil, 0) }
            defer { state.next += 1 }
            let step = steps[state.next]
            guard case .frame = step else { return (step, 0) }
            defer { state.sequence += 1 }
            return (step, state.sequence)
        }
        switch step {
        case .frame(let luma): return .frame(try picture(luma, sequence))
        case .damaged(let count): return .damaged(count)
        case .failure(let error): throw error
        case nil:
            let wasInterrupted = state.withLock { state in
                defer { state.isInterrupted = false }
                return state.isInterrupted
            }
            return wasInterrupted ? .interrupted : .ended
        }
    }

    func interrupt() {
        state.withLock { $0.isInterrupted = true }
    }

    func stop() {}

    func close() {}

    private func picture(_ luma: UInt8, _ sequence: UInt64) throws -> Frame {
        let stream = streams[0]
        guard let byteCount = stream.format.byteCount(of: stream.size), let bytes = pool.take(byteCount) else {
            throw CameraError(.system, "drawing a picture", reason: "no memory")
        }
        let memory = UnsafeMutableRawBufferPointer(start: bytes.baseAddress, count: byteCount)
        memory.initializeMemory(as: UInt8.self, repeating: 128)
        memory[..<stream.size.pixelCount].initializeMemory(as: UInt8.self, repeating: luma)
        let time = Timestamp(nanoseconds: Int64(sequence) * 40_000_000)
        let info = FrameInfo(timestamp: time, wallTime: WallTime(time), sequence: sequence)
        return Frame(packed: stream.format, size: stream.size, color: stream.color, info: info, bytes: bytes)
    }
}
