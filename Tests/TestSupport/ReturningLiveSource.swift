// SPDX-License-Identifier: MIT

package import CameraCore

/// A live source that goes away and comes back when the test says so.
package final class ReturningLiveSource: ReturningSource {
    /// What gives the frames.
    package let live: LiveSource
    private let state = Monitor(State())

    private struct State {
        var isThere = true
        var isInterrupted = false
        /// What the next attempts to use it again throw.
        var refusals: [CameraError] = []
        var attempts = 0
    }

    /// Makes a source that is there.
    package init(_ live: LiveSource = LiveSource()) {
        self.live = live
    }

    /// Takes it away: its next event is the error.
    package func unplug() {
        state.update { $0.isThere = false }
        live.send(.failure(CameraError(.deviceLost, "waiting for a frame", subject: name)))
    }

    /// Brings it back; the first attempts to use it throw these errors.
    package func plugIn(refusing refusals: [CameraError] = []) {
        state.update { state in
            state.isThere = true
            state.refusals = refusals
        }
    }

    /// How often it was tried to use it again.
    package var attempts: Int { state.withLock { $0.attempts } }

    package func comeBack() throws -> Bool {
        let result = state.waitAndUpdate { state -> Result<Bool, CameraError>? in
            if state.isInterrupted {
                state.isInterrupted = false
                return .success(false)
            }
            guard state.isThere else { return nil }
            state.attempts += 1
            return state.refusals.isEmpty ? .success(true) : .failure(state.refusals.removeFirst())
        }
        return try result?.get() ?? false
    }

    package var name: String { live.name }
    package var canWait: Bool { false }
    package var streams: [VideoStream] { live.streams }
    package func configure(_ request: SourceConfiguration) {}
    package func start() { live.start() }
    package func next(timeout: Duration?) throws -> SourceEvent { try live.next(timeout: timeout) }

    package func interrupt() {
        state.update { $0.isInterrupted = true }
        live.interrupt()
    }

    package func stop() {}
    package func close() {}
}
