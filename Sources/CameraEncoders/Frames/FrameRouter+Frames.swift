// SPDX-License-Identifier: MIT

internal import CameraCore

/// What the device thread does with what the source gives.
extension FrameRouter {
    func run() {
        takeFrames()
        alarm.set(nil)
        if let count = state.withLock({ $0.damage.takeRest() }) { report(.framesDamaged(count: count)) }
        let isAbandoned = state.withLock { state in
            state.hasLeftSource = true
            return state.isAbandoned
        }
        guard isAbandoned else { return }
        source.stop()
        source.close()
    }

    private func takeFrames() {
        let limit = shortestStallLimit
        while waitForTurn() {
            do {
                if let frame = state.withLock({ $0.unclaimed.take() }) {
                    deliver(frame)
                } else if try !take(nextEvent(limit)) {
                    return
                }
            } catch {
                let error = CameraError(wrapping: error, as: .device, "taking frames", subject: source.name)
                if outlast(error) { continue }
                finish(.failed(error))
                return report(.sourceFailed(error))
            }
        }
    }

    /// Waits for what the source gives, beyond the limit where the camera's settings make its frames slower than its rate.
    private func nextEvent(_ limit: Duration) throws -> SourceEvent {
        if source.canWait { return try source.next(timeout: nil) }
        let event = try next(limit)
        guard case .timedOut = event else { return event }
        let rest = stallLimit - limit
        return rest > .zero ? try next(rest) : event
    }

    /// The source's next event, after the alarm was set for one that does not keep to its time.
    private func next(_ timeout: Duration) throws -> SourceEvent {
        alarm.set(.deadline(after: timeout + Self.silenceGrace))
        defer {
            alarm.set(nil)
            isSilent.store(false, ordering: .relaxed)
        }
        return try source.next(timeout: timeout)
    }

    /// Waits while a source that can wait has nobody to deliver to; false when the thread is to end.
    private func waitForTurn() -> Bool {
        // The source may be the user's, who is asked outside of the lock.
        let canWait = source.canWait
        return state.wait { state -> Bool? in
            if state.isStopping { return false }
            return !canWait || state.hasTurn ? true : nil
        }
    }

    /// Handles what the source gave; false when it has ended.
    private func take(_ event: SourceEvent) throws(CameraError) -> Bool {
        switch event {
        case .frame(let frame):
            count(frame)
            deliver(frame)
        case .damaged(let count):
            try noteDamaged(max(count, 0))
        case .signalLost, .signalRegained:
            let hasSignal = if case .signalRegained = event { true } else { false }
            state.withLock { $0.hasSignal = hasSignal }
            report(hasSignal ? .signalRegained : .signalLost)
        case .timedOut: try stall()
        case .interrupted: break
        case .ended:
            report(.sourceEnded)
            finish(.sourceEnded)
            return false
        }
        return true
    }

    /// Counts frames that came damaged; when a camera gives no others, that is as if none came.
    private func noteDamaged(_ count: Int) throws(CameraError) {
        let now = Timestamp.now
        let (told, quiet) = state.withLock { state in
            state.counts.framesDamaged = state.counts.framesDamaged.saturatingAdd(count)
            state.damagedStreak = state.damagedStreak.saturatingAdd(count)
            state.damage.add(count)
            return (state.damage.due(at: now), now - state.lastUsable)
        }
        if let told { report(.framesDamaged(count: told)) }
        if !source.canWait, hasStalled(after: quiet) { try stall() }
    }

    private func count(_ frame: Frame) {
        let now = Timestamp.now
        let (lost, told) = state.withLock { state in
            state.counts.framesCaptured += 1
            (state.lastUsable, state.damagedStreak, state.isStalled) = (now, 0, false)
            state.failedReturns = 0
            var lost = 0
            if let last = state.sequences[frame.info.stream] {
                lost = Int(SequenceGap.step(from: last, to: frame.info.sequence) - 1)
                state.counts.framesLost += lost
            }
            state.sequences[frame.info.stream] = frame.info.sequence
            return (lost, state.damage.due(at: now))
        }
        if let told { report(.framesDamaged(count: told)) }
        if lost > 0 { report(.framesLost(count: lost)) }
    }

    private func deliver(_ frame: Frame) {
        let (consumers, last, beginsRequest) = state.withLock { state in
            let last = state.position
            // A request's frames come by ascending stream, so that one that does not ascend begins the next.
            let beginsRequest = last.map { $0.request != frame.info.request || frame.info.stream <= $0.stream } ?? true
            // Adding nothing would copy the list for each frame, since who delivers the one before has it too.
            if beginsRequest, !state.joining.isEmpty {
                state.consumers += state.joining
                state.joining = []
            }
            state.position = (frame.info.stream, frame.info.request)
            return (state.consumers, last, beginsRequest)
        }
        var (isAddressed, isTaken, isPassed) = (false, false, false)
        for consumer in consumers where consumer.stream == nil || consumer.stream == frame.info.stream {
            isAddressed = true
            switch consumer.accept(frame) {
            case .taken: isTaken = true
            case .passed: isPassed = true
            case .refused: break
            }
        }
        guard !isTaken else { return }
        let canWait = source.canWait
        state.withLock { state in
            // A frame waits for a new consumer where there is none, but not one of a stream that the others leave out, nor
            // one from the middle of a request, with which no consumer begins.
            if canWait, beginsRequest, !isPassed, consumers.isEmpty || isAddressed {
                state.unclaimed = frame
                state.position = last
            } else {
                state.counts.framesUnused += 1
            }
        }
    }
}
