// SPDX-License-Identifier: MIT

package import CameraCore
internal import Synchronization

/// Carries the frames of one source to any number of consumers.
///
/// It owns the device thread. A source that can wait stands still while it has no consumer or one of them has no room, so
/// that all get every frame; a camera goes on, and whoever is too slow misses frames. Safe to use from any thread.
package final class FrameRouter: Sendable {
    /// The source of the frames.
    package let source: any VideoSource
    private let name: String
    let givenStallLimit: Duration?
    private let stopTimeout: Duration
    /// Rings when a camera does not keep to the time that it is given for a frame.
    let alarm = Alarm()
    let report: @Sendable (CameraEvent) -> Void
    let state = Monitor(State())
    /// Whether the device thread has not come back from the camera within the time that it gave.
    let isSilent = Atomic(false)

    /// Whether the device thread runs.
    enum Phase {
        /// It does not: it was not started yet, was stopped, or could not be started for this reason.
        case stopped(CameraError?)
        case running(WorkerThread)
        /// A caller starts, stops or sets up the source; the others wait until that is over.
        case changing
        /// For good.
        case closed
    }

    struct State {
        var phase = Phase.stopped(nil)
        /// Whether ``close()`` was called: nobody else may begin a change then.
        var isClosing = false
        /// Whether the caller that changes something now must close the router afterwards, since ``close()`` waits no longer.
        var mustClose = false
        var consumers: [any FrameConsumer] = []
        /// Those who get frames from the next request on, so that all streams begin with the same one.
        var joining: [any FrameConsumer] = []
        /// The last frame's stream and request.
        var position: (stream: Int, request: UInt64)?
        var isStopping = false
        /// Whether the device thread is in the source no more.
        var hasLeftSource = false
        /// Whether the source is to be closed when the device thread comes back from it.
        var isAbandoned = false
        var ending: Ending?
        var counts = SourceStatistics()
        var hasSignal = true
        var sequences: [Int: UInt64] = [:]
        var damage = DamageReport()
        /// Frames that arrived damaged since the last one that did not.
        var damagedStreak = 0
        /// When the camera was last known to give frames that can be used.
        var lastUsable = Timestamp.now
        /// Whether no frame has come since the camera was too slow.
        var isStalled = false
        /// The frame of a source that waits, which nobody was there to take.
        var unclaimed: Frame?
        /// Why the camera is away while its return is waited for; nil while it is there.
        var absence: CameraError?
        /// Returns since its last frame that came to nothing.
        var failedReturns = 0

        /// Whether a source that can wait has somebody to deliver to, and all of them have room.
        var hasTurn: Bool {
            let count = consumers.count + joining.count
            return count > 0 && consumers.allSatisfy { $0.hasRoom(among: count) }
                && joining.allSatisfy { $0.hasRoom(among: count) }
        }

        /// The phase, which is the caller's to change from now on; nil while it is somebody else's.
        mutating func takeToClose() -> Phase? {
            isClosing = true
            switch phase {
            case .changing: return nil
            case .closed: return .closed
            case .stopped, .running:
                defer { phase = .changing }
                return phase
            }
        }

        /// Begins to follow the frames of a source that was started.
        mutating func beginCounting() {
            sequences = [:]
            position = nil
            lastUsable = .now
            damagedStreak = 0
            isStalled = false
            absence = nil
        }

        /// All consumers, who are not there any more.
        mutating func removeConsumers() -> [any FrameConsumer] {
            defer { (consumers, joining) = ([], []) }
            return consumers + joining
        }
    }

    /// Why no frames come any more.
    enum Ending {
        case sourceEnded
        case failed(CameraError)
        case closed

        /// What a consumer is told; nil when the source ended.
        func error(_ operation: String) -> CameraError? {
            switch self {
            case .sourceEnded: nil
            case .failed(let error): error
            case .closed: .cameraClosed(operation)
            }
        }
    }

    /// Makes a router; ``start()`` begins.
    ///
    /// - Parameters:
    ///   - source: The source of the frames.
    ///   - name: The camera's short name for its threads: "cam0".
    ///   - stallLimit: How long a camera may give no frame before that is an error; nil for what ``stallLimit`` says.
    ///   - stopTimeout: How long stopping waits for a source that does not come back.
    ///   - report: Takes events; must not wait.
    package init(
        source: any VideoSource, name: String, stallLimit: Duration? = nil, stopTimeout: Duration = .seconds(15),
        report: @escaping @Sendable (CameraEvent) -> Void
    ) {
        self.source = source
        self.name = name
        self.givenStallLimit = stallLimit
        self.stopTimeout = stopTimeout
        self.report = report
        alarm.onRing { [weak self] in self?.tellOfSilence() }
    }

    // MARK: Phases

    /// Starts the source and the device thread; does nothing when they run.
    ///
    /// - Throws: What starting the source throws; `.invalidValue` for streams without a size or rate; `.closed`.
    package func start() throws(CameraError) {
        let phase = try reserve("starting the camera")
        guard case .stopped = phase else { return commit(phase) }
        try restart()
    }

    /// Stops the device thread and the source; consumers stay attached and get no frames.
    ///
    /// A source that does not come back in time is left behind: ``failure`` says so then.
    package func stop() {
        // This fails while the router is being closed, which stops it as well.
        guard let phase = try? reserve("stopping the camera") else { return }
        if case .running(let thread) = phase { end(thread) }
        commit(.stopped(nil))
    }

    /// Stops the source, changes something of it, and starts it again where it ran; one caller after the other.
    ///
    /// - Throws: What the body throws, after which the source runs again; what starting it again throws; `.closed`;
    ///   `.wouldDeadlock` on the device thread.
    package func change(_ operation: String, _ body: () throws(CameraError) -> Void) throws(CameraError) {
        if isDeviceThread {
            throw CameraError(
                .wouldDeadlock, operation, reason: "it was called from the camera's own thread, which it waits for")
        }
        let phase = try reserve(operation)
        if case .running(let thread) = phase { end(thread) }
        if let failure {
            commit(.stopped(nil))
            throw failure
        }
        let result = Result { () throws(CameraError) in try body() }
        if case .running = phase { try restart() } else { commit(phase) }
        try result.get()
    }

    /// Stops for good, ends all consumers, and frees the source as soon as it lets us; a second call waits for the first.
    package func close() {
        var phase = state.waitAndUpdate(until: .deadline(after: stopTimeout * 2)) { $0.takeToClose() }
        if phase == nil {
            phase = state.update { state in
                let phase = state.takeToClose()
                // The caller that changes something now closes the router afterwards.
                state.mustClose = phase == nil
                return phase
            }
        }
        if let phase { finishClosing(phase) } else { finish(.closed) }
    }

    /// Whether the caller is the source's own thread.
    package var isDeviceThread: Bool {
        if case .running(let thread) = state.withLock(\.phase) { thread.isCurrent } else { false }
    }

    /// Takes the right to change the phase, which one caller has at a time, until ``commit(_:)``.
    ///
    /// - Returns: The phase that it was, stopped or running.
    private func reserve(_ operation: String) throws(CameraError) -> Phase {
        let phase = try state.waitAndUpdate(until: .deadline(after: stopTimeout * 2)) {
            (state) throws(CameraError) -> Phase? in
            guard !state.isClosing else { throw .cameraClosed(operation) }
            if case .changing = state.phase { return nil }
            defer { state.phase = .changing }
            return state.phase
        }
        if let phase { return phase }
        throw CameraError(
            .timedOut, operation, subject: source.name,
            reason: "another thread has been starting or stopping it for \(stopTimeout * 2)")
    }

    /// Gives the right to change the phase back.
    private func commit(_ phase: Phase) {
        let mustClose = state.update { state in
            if !state.mustClose { state.phase = phase }
            return state.mustClose
        }
        if mustClose { finishClosing(phase) }
    }

    /// Starts what was reserved and is stopped; commits.
    private func restart() throws(CameraError) {
        do throws(CameraError) {
            commit(.running(try begin()))
        } catch {
            commit(.stopped(error))
            // Nothing would ever come to those who wait.
            for consumer in state.update({ $0.removeConsumers() }) { consumer.finish(error) }
            throw error
        }
    }

    private func begin() throws(CameraError) -> WorkerThread {
        try checkStreams()
        do {
            try source.start()
        } catch {
            throw CameraError(wrapping: error, as: .device, "starting the camera", subject: source.name)
        }
        state.update { state in
            state.isStopping = false
            state.hasLeftSource = false
            state.beginCounting()
        }
        do {
            return try WorkerThread("\(name)-device", isBatch: source.canWait) { self.run() }
        } catch {
            source.stop()
            throw error
        }
    }

    private func end(_ thread: WorkerThread) {
        state.update { $0.isStopping = true }
        source.interrupt()
        if !thread.join(until: .deadline(after: stopTimeout)), abandon() { return }
        source.stop()
    }

    private func finishClosing(_ phase: Phase) {
        if case .closed = phase { return }
        if case .running(let thread) = phase { end(thread) }
        finish(.closed)
        if !state.withLock(\.isAbandoned) { source.close() }
        state.update { $0.phase = .closed }
    }

    /// Leaves the source to the device thread; false when that has come back after all.
    private func abandon() -> Bool {
        let error = CameraError(
            .timedOut, "stopping the camera", subject: source.name,
            reason: "it did not come back within \(stopTimeout) and is left behind; check its cable and power supply")
        let isAbandoned = state.withLock { state in
            state.isAbandoned = !state.hasLeftSource
            return state.isAbandoned
        }
        guard isAbandoned else { return false }
        finish(.failed(error))
        report(.sourceFailed(error))
        return true
    }

    /// Makes sure that a source of the user's has streams that can be.
    private func checkStreams() throws(CameraError) {
        let operation = "starting the camera '\(source.name)'"
        guard !source.streams.isEmpty else {
            throw CameraError(.invalidValue, operation, reason: "it has no streams")
        }
        for stream in source.streams {
            try stream.size.validated(operation)
            try stream.frameRate.validated(operation)
        }
    }

    // MARK: Consumers

    /// Adds consumers, all from the same frame on; those of several streams from the same request on.
    ///
    /// - Throws: `.sourceEnded`, `.closed`, or what the source failed with.
    package func attach(_ consumers: [any FrameConsumer]) throws(CameraError) {
        if let refusal = join(consumers) { throw refusal }
    }

    /// Adds consumers, all from the same frame on; when no frames come any more, they are told so.
    func attachOrFinish(_ consumers: [any FrameConsumer]) {
        guard let refusal = join(consumers) else { return }
        for consumer in consumers { consumer.finish(refusal.code == .sourceEnded ? nil : refusal) }
    }

    /// Throws when no frames come any more: `.sourceEnded`, `.closed`, or what the source failed with.
    func checkRunning() throws(CameraError) {
        if let refusal = join([]) { throw refusal }
    }

    /// Adds consumers, or says why none gets frames.
    private func join(_ consumers: [any FrameConsumer]) -> CameraError? {
        let operation = "taking frames"
        return state.update { state in
            if let ending = state.ending {
                return ending.error(operation) ?? endOfSource(operation)
            }
            if state.isClosing { return .cameraClosed(operation) }
            if case .stopped(let error?) = state.phase { return error }
            if let absence = state.absence { return absence }
            state.joining += consumers
            return nil
        }
    }

    private func endOfSource(_ operation: String) -> CameraError {
        CameraError(.sourceEnded, operation, subject: source.name, reason: "it has ended; there are no more frames")
    }

    /// Removes a consumer; a frame on its way may still reach it.
    package func detach(_ consumer: any FrameConsumer) {
        state.update { state in
            state.consumers.removeAll { $0 === consumer }
            state.joining.removeAll { $0 === consumer }
        }
    }

    /// Tells a source that waits that a consumer has room again.
    package func roomAvailable() {
        // Of many consumers only the last to have room wakes the device thread.
        guard source.canWait, state.withLock({ $0.hasTurn }) else { return }
        state.update { _ in }
    }

    /// Ends all consumers; the first ending counts.
    func finish(_ ending: Ending) {
        let consumers = state.update { state in
            if state.ending == nil { state.ending = ending }
            return state.removeConsumers()
        }
        let error = ending.error("taking frames")
        for consumer in consumers { consumer.finish(error) }
    }

    // MARK: Counts and errors

    /// The counts of frames so far.
    package var statistics: SourceStatistics {
        var counts = state.withLock { state in
            var counts = state.counts
            if state.unclaimed != nil { counts.framesUnused += 1 }
            return counts
        }
        let own = source.counts
        counts.framesCopied = own.framesCopied
        counts.framesNotCopied = own.framesNotCopied
        // What the source left out, and counts itself, leaves gaps too.
        let known = own.framesNotCopied.saturatingAdd(counts.framesDamaged)
        counts.framesLost = max(0, counts.framesLost.saturatingSubtract(known))
        return counts
    }

    /// The error that ended the source; nil while it runs or when it ended by itself.
    package var failure: CameraError? {
        state.withLock { state in
            if case .failed(let error) = state.ending { error } else { nil }
        }
    }

    /// Why no frames come any more, the end of a file included; nil while they come, or a recording waits for the camera.
    package var end: CameraError? {
        let operation = "taking frames"
        return state.withLock { state in
            guard let ending = state.ending else { return nil }
            return ending.error(operation) ?? endOfSource(operation)
        }
    }
}

extension CameraError {
    /// The error of what is asked of a camera that was closed.
    package static func cameraClosed(_ operation: String) -> CameraError {
        CameraError(.closed, operation, reason: "the camera was closed")
    }
}
