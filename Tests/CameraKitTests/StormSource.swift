// SPDX-License-Identifier: MIT

import CameraKit
import TestSupport

/// A source of a storm: it gives frames, waits or not, fails when it is told to, or by itself, and comes back where it is
/// waited for.
final class StormSource: ReturningSource {
    enum Kind: CaseIterable {
        /// A camera.
        case live
        /// A file.
        case waiting
        /// A file of 300 frames.
        case ending
        /// A camera whose plug is loose.
        case unplugged
        /// A camera that gives no frame for longer than it may, now and then.
        case stalling
    }

    let name = "storm"
    let canWait: Bool
    private let kind: Kind
    private let pool = BytePool()
    private let state: Monitor<State>

    private struct State {
        var size: Resolution
        var number: UInt64 = 0
        var isInterrupted = false
        var failure: CameraError?
        var returns = 0
    }

    init(_ kind: Kind, size: Resolution) {
        self.kind = kind
        canWait = kind == .waiting || kind == .ending
        state = Monitor(State(size: size))
    }

    func fail(_ code: CameraError.Code) {
        guard kind == .unplugged else { return }
        state.update { $0.failure = CameraError(code, "taking frames", subject: name) }
    }

    var streams: [VideoStream] { [stream(state.withLock(\.size))] }

    private func stream(_ size: Resolution) -> VideoStream {
        VideoStream(format: .yuv420, size: size, frameRate: 1000, color: .bt601)
    }

    func configure(_ request: SourceConfiguration) { state.withLock { $0.size = request.resolution ?? $0.size } }

    func start() { state.withLock { $0.isInterrupted = false } }

    /// Is away for a few milliseconds; one attempt in three fails.
    func comeBack() throws -> Bool {
        let isOver: Void? = state.wait(until: .now + .milliseconds(5)) { $0.isInterrupted ? () : nil }
        return try state.update { state in
            state.isInterrupted = false
            guard isOver == nil else { return false }
            state.returns += 1
            guard state.returns % 3 != 0 else { throw CameraError(.busy, "opening the camera", subject: name) }
            state.failure = nil
            return true
        }
    }

    func next(timeout: Duration?) throws -> SourceEvent {
        let (number, size) = state.withLock { state in
            state.number += 1
            return (state.number, state.size)
        }
        if kind == .ending, number > 300 { return .ended }
        let isStalling = kind == .stalling && number % 200 == 0
        let pause: Duration? = isStalling ? timeout : canWait ? nil : .milliseconds(1)
        if let pause {
            let isOver: Void? = try state.wait(until: .now + pause) { state in
                if let failure = state.failure { throw failure }
                return state.isInterrupted ? () : nil
            }
            if isOver != nil { return .interrupted }
            if isStalling { return .timedOut }
        } else if state.withLock(\.isInterrupted) {
            return .interrupted
        }
        return .frame(NumberedSource.frame(number, of: stream(size), from: pool, at: .now))
    }

    func interrupt() { state.update { $0.isInterrupted = true } }
    func stop() {}
    func close() {}
}
