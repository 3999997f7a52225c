// SPDX-License-Identifier: MIT

internal import CameraCore

/// Cameras that go away and come back.
extension FrameRouter {
    /// The longest time from one attempt to use a camera again to another.
    private static var longestPause: Duration { .seconds(60) }

    /// Ends the consumers that do not wait for the camera; whether some do.
    func leave(_ error: CameraError) -> Bool {
        let present = state.withLock { $0.consumers + $0.joining }
        // Out of the lock, since each has one of its own.
        let leaving = present.filter { !(source is any ReturningSource) || !$0.waitsForReturn }
        state.update { state in
            state.consumers.removeAll { consumer in leaving.contains { $0 === consumer } }
            state.joining.removeAll { consumer in leaving.contains { $0 === consumer } }
        }
        for consumer in leaving { consumer.finish(error) }
        let staying = present.filter { consumer in !leaving.contains { $0 === consumer } }
        for consumer in staying { consumer.noteAbsence() }
        return !staying.isEmpty
    }

    /// Waits for the return of a camera that went away, where somebody wants to; the source runs again then.
    ///
    /// Called on the device thread.
    ///
    /// - Returns: False when nobody waits for it.
    func outlast(_ error: CameraError) -> Bool {
        guard let source = source as? any ReturningSource else { return false }
        // Nobody joins from here on whom no frame would reach.
        let present = state.withLock { state in
            state.absence = error
            return state.consumers + state.joining
        }
        guard present.contains(where: \.waitsForReturn) else { return false }
        // Told before the files that are finished because of it.
        report(.sourceLost(error))
        _ = leave(error)
        let start = Timestamp.now
        source.stop()
        while pauseBeforeReturn() {
            state.withLock { $0.failedReturns += 1 }
            do {
                guard try source.comeBack() else { continue }
                try source.start()
                break
            } catch {
                let failure = CameraError(
                    wrapping: error, as: .device, "going on with the camera", subject: source.name)
                let isNew = state.withLock { state in
                    defer { state.absence = failure }
                    return state.absence.map { "\($0)" } != "\(failure)"
                }
                if isNew { report(.sourceLost(failure)) }
            }
        }
        let hasReturned = state.withLock { state in
            guard !state.isStopping else { return false }
            state.counts.interruptions += 1
            state.beginCounting()
            return true
        }
        if hasReturned { report(.sourceReturned(name: source.name, after: .now - start)) }
        return true
    }

    /// Waits before the next attempt where one has failed and no frame came since; false when the thread is to end.
    private func pauseBeforeReturn() -> Bool {
        let failures = state.withLock(\.failedReturns)
        let pause: Duration = failures == 0 ? .zero : min(.seconds(1 << min(failures - 1, 6)), Self.longestPause)
        return state.wait(until: .now + pause) { $0.isStopping ? false : nil } ?? true
    }
}
