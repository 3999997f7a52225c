// SPDX-License-Identifier: MIT

public import CameraCore

/// Somebody who wants a camera's frames.
public protocol FrameConsumer: AnyObject, Sendable {
    /// Whether a source that can wait may deliver another frame; called from any thread, must not wait.
    ///
    /// - Parameter consumers: How many share the source's frames, this one too.
    /// - Returns: Whether it has room.
    func hasRoom(among consumers: Int) -> Bool

    /// The stream whose frames it takes; nil for all. Constant.
    var stream: Int? { get }

    /// Takes a frame, or drops it and counts that; false when the consumer has ended. Called from the device thread, must
    /// not wait.
    func accept(_ frame: Frame) -> Bool

    /// Says that no more frames come: nil when the source ended, otherwise why it failed. Called once.
    func finish(_ error: CameraError?)
}

extension FrameConsumer {
    /// All streams.
    public var stream: Int? { nil }
}

/// Carries the frames of one source to any number of consumers.
///
/// It owns the device thread. A source that can wait stands still while it has no consumer or one of them has no room, so
/// that all get every frame; a camera goes on, and whoever is too slow misses frames. Safe to use from any thread.
public final class FrameRouter: Sendable {
    /// The source of the frames.
    public let source: any VideoSource
    private let name: String
    private let givenStallLimit: Duration?
    private let stopTimeout: Duration
    /// Rings when a camera does not keep to the time that it is given for a frame.
    private let alarm = Alarm()
    private let report: @Sendable (CameraEvent) -> Void
    private let state = Monitor(State())

    private struct State {
        var consumers: [any FrameConsumer] = []
        /// Those who get frames from the next request on, so that all streams begin with the same one.
        var joining: [any FrameConsumer] = []
        /// The last frame's stream and request.
        var position: (stream: Int, request: UInt64)?
        var thread: WorkerThread?
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
        /// The frame of a source that waits, which nobody was there to take.
        var unclaimed: Frame?

        /// Whether a source that can wait has somebody to deliver to, and all of them have room.
        var hasTurn: Bool {
            let count = consumers.count + joining.count
            return count > 0 && consumers.allSatisfy { $0.hasRoom(among: count) }
                && joining.allSatisfy { $0.hasRoom(among: count) }
        }

        /// All consumers, who are not there any more.
        mutating func removeConsumers() -> [any FrameConsumer] {
            defer { (consumers, joining) = ([], []) }
            return consumers + joining
        }
    }

    /// Why no frames come any more.
    private enum Ending {
        case sourceEnded
        case failed(CameraError)
    }

    /// Makes a router; ``start()`` begins.
    ///
    /// - Parameters:
    ///   - source: The source of the frames.
    ///   - name: The camera's short name for its threads: "cam0".
    ///   - stallLimit: How long a camera may give no frame before that is an error; nil for what ``stallLimit`` says.
    ///   - stopTimeout: How long stopping waits for a source that does not come back.
    ///   - report: Takes events; must not wait.
    public init(
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

    /// Starts the source and the device thread.
    ///
    /// - Throws: What starting the source throws; `.invalidValue` for streams without a size or rate.
    public func start() throws(CameraError) {
        try checkStreams()
        do {
            try source.start()
        } catch {
            throw CameraError(wrapping: error, as: .device, "starting the camera", subject: source.name)
        }
        state.update { state in
            state.isStopping = false
            state.hasLeftSource = false
            state.sequences = [:]
            state.position = nil
            state.lastUsable = .now
            state.damagedStreak = 0
        }
        do {
            let thread = try WorkerThread("\(name)-device", isBatch: source.canWait) { self.run() }
            state.withLock { $0.thread = thread }
        } catch {
            source.stop()
            throw error
        }
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

    /// Stops the device thread and the source; consumers stay attached and get no frames.
    ///
    /// A source that does not come back in time is left behind: ``failure`` says so then.
    public func stop() {
        let thread = state.update { state in
            state.isStopping = true
            return state.thread.take()
        }
        guard let thread else { return }
        source.interrupt()
        if !thread.join(until: .deadline(after: stopTimeout)), abandon() { return }
        source.stop()
    }

    /// Stops, and frees the source as soon as it lets us.
    package func close() {
        stop()
        if !state.withLock(\.isAbandoned) { source.close() }
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
        end(.failed(error))
        report(.sourceFailed(error))
        return true
    }

    /// Adds consumers, all from the same frame on; those of several streams from the same request on.
    ///
    /// - Throws: `.sourceEnded`, or what the source failed with.
    public func attach(_ consumers: [any FrameConsumer]) throws(CameraError) {
        try checkRunning()
        attachOrFinish(consumers)
    }

    /// Throws when no frames come any more: `.sourceEnded`, or what the source failed with.
    func checkRunning() throws(CameraError) {
        switch state.withLock({ $0.ending }) {
        case nil: break
        case .sourceEnded: throw CameraError(.sourceEnded, "taking frames", subject: source.name)
        case .failed(let error): throw error
        }
    }

    /// Adds consumers, all from the same frame on; when no frames come any more, they are told so.
    func attachOrFinish(_ consumers: [any FrameConsumer]) {
        let ending = state.update { state in
            if state.ending == nil { state.joining += consumers }
            return state.ending
        }
        if let ending { Self.finish(consumers, ending) }
    }

    /// Removes a consumer; a frame on its way may still reach it.
    public func detach(_ consumer: any FrameConsumer) {
        state.update { state in
            state.consumers.removeAll { $0 === consumer }
            state.joining.removeAll { $0 === consumer }
        }
    }

    /// Tells a source that waits that a consumer has room again.
    public func roomAvailable() {
        // Of many consumers only the last to have room wakes the device thread.
        guard source.canWait, state.withLock({ $0.hasTurn }) else { return }
        state.update { _ in }
    }

    /// What became of the frames so far.
    public var statistics: SourceStatistics {
        var counts = state.withLock { state in
            var counts = state.counts
            if state.unclaimed != nil { counts.framesUnused += 1 }
            return counts
        }
        let own = source.counts
        counts.framesCopied = own.framesCopied
        counts.framesDropped = own.framesDropped
        // What the source left out, and counts itself, leaves gaps too.
        let known = own.framesDropped.saturatingAdd(counts.framesDamaged)
        counts.framesLost = max(0, counts.framesLost.saturatingSubtract(known))
        return counts
    }

    /// How long a camera may give no frame before that is an error: what was given, or else three seconds or four frames,
    /// whichever is longer, where a frame takes as long as the camera's rate, exposure and other settings have it.
    ///
    /// Asks the camera for its settings.
    public var stallLimit: Duration {
        givenStallLimit ?? max(shortestStallLimit, slowestFrameBySettings * 4)
    }

    /// Whether so much time without a usable frame is too much; asks the camera for its settings only where that counts.
    func hasStalled(after quiet: Duration) -> Bool { quiet >= shortestStallLimit && quiet >= stallLimit }

    /// The stall limit as far as the rate alone has it.
    private var shortestStallLimit: Duration {
        givenStallLimit ?? max(.seconds(3), (source.streams.map(\.frameRate.interval).max() ?? .zero) * 4)
    }

    /// The longest time of a frame that the settings let the camera choose; zero where they tell nothing.
    private var slowestFrameBySettings: Duration {
        let nominal = source.streams.first?.frameRate.framesPerSecond ?? 0
        let settings: [CameraSetting] = [.shutterSpeed, .exposureSpeed, .frameRateRange, .frameRateDelta]
        let times = settings.map { setting -> Duration in
            switch try? source.description(of: setting)?.value {
            case .duration(let time): time
            case .rates(let range): range.low.interval
            case .number(let delta) where nominal + delta >= 1 / 86_400.0: .seconds(1 / (nominal + delta))
            default: .zero
            }
        }
        return times.max() ?? .zero
    }

    /// The error that ended the source; nil while it runs or when it ended by itself.
    public var failure: CameraError? {
        state.withLock { state in
            if case .failed(let error) = state.ending { error } else { nil }
        }
    }

    // MARK: Device thread

    private func run() {
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
                } else if !take(try nextEvent(limit)) {
                    return
                }
            } catch {
                let error = CameraError(wrapping: error, as: .device, "taking frames", subject: source.name)
                end(.failed(error))
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
        defer { alarm.set(nil) }
        return try source.next(timeout: timeout)
    }

    /// What a camera is given beyond the time that it is to wait for a frame.
    private static let silenceGrace = Duration.seconds(1)

    private func tellOfSilence() {
        guard !state.withLock(\.isStopping) else { return }
        stall()
        // For those who come while it is silent.
        alarm.set(.deadline(after: stallLimit))
    }

    /// Waits while a source that can wait has nobody to deliver to; false when the thread is to end.
    private func waitForTurn() -> Bool {
        state.wait { state -> Bool? in
            if state.isStopping { return false }
            return !source.canWait || state.hasTurn ? true : nil
        }
    }

    /// Handles what the source gave; false when it has ended.
    private func take(_ event: SourceEvent) -> Bool {
        switch event {
        case .frame(let frame):
            count(frame)
            deliver(frame)
        case .damaged(let count):
            noteDamaged(max(count, 0))
        case .signalLost, .signalRegained:
            let hasSignal = if case .signalRegained = event { true } else { false }
            state.withLock { $0.hasSignal = hasSignal }
            report(hasSignal ? .signalRegained : .signalLost)
        case .timedOut: stall()
        case .interrupted: break
        case .ended:
            report(.sourceEnded)
            end(.sourceEnded)
            return false
        }
        return true
    }

    /// Counts frames that came damaged; when a camera gives no others, that is as if none came.
    private func noteDamaged(_ count: Int) {
        let now = Timestamp.now
        let (told, quiet) = state.withLock { state in
            state.counts.framesDamaged = state.counts.framesDamaged.saturatingAdd(count)
            state.damagedStreak = state.damagedStreak.saturatingAdd(count)
            state.damage.add(count)
            return (state.damage.due(at: now), now - state.lastUsable)
        }
        if let told { report(.framesDamaged(count: told)) }
        if !source.canWait, hasStalled(after: quiet) { stall() }
    }

    private func count(_ frame: Frame) {
        let now = Timestamp.now
        let (lost, told) = state.withLock { state in
            state.counts.framesCaptured += 1
            (state.lastUsable, state.damagedStreak) = (now, 0)
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
        var (isAddressed, isTaken) = (false, false)
        for consumer in consumers where consumer.stream == nil || consumer.stream == frame.info.stream {
            isAddressed = true
            if consumer.accept(frame) { isTaken = true }
        }
        guard !isTaken else { return }
        state.withLock { state in
            // A frame waits for a new consumer where there is none, but not one of a stream that the others leave out, nor
            // one from the middle of a request, with which no consumer begins.
            if source.canWait, beginsRequest, consumers.isEmpty || isAddressed {
                state.unclaimed = frame
                state.position = last
            } else {
                state.counts.framesUnused += 1
            }
        }
    }

    private func stall() {
        let (hasSignal, damaged) = state.withLock { ($0.hasSignal, $0.damagedStreak) }
        let remedy =
            hasSignal
            ? "check the cable and the power supply, or allow more time by the stall limit (--stall)"
            : "there is no signal at its input"
        let found = damaged == 0 ? "none came" : "none that can be used came, and \(damaged) damaged,"
        let error = CameraError(
            .timedOut, "waiting for a frame", subject: source.name, reason: "\(found) for \(stallLimit); \(remedy)")
        let consumers = state.update { state in
            state.counts.stalls += 1
            state.lastUsable = .now
            state.damagedStreak = 0
            return state.removeConsumers()
        }
        report(.stalled(error))
        for consumer in consumers { consumer.finish(error) }
    }

    private func end(_ ending: Ending) {
        let consumers = state.update { state in
            state.ending = ending
            return state.removeConsumers()
        }
        Self.finish(consumers, ending)
    }

    private static func finish(_ consumers: [any FrameConsumer], _ ending: Ending) {
        for consumer in consumers {
            switch ending {
            case .sourceEnded: consumer.finish(nil)
            case .failed(let error): consumer.finish(error)
            }
        }
    }
}
