// SPDX-License-Identifier: MIT

internal import CameraKit

/// A source that lets through the frames that are wanted, and ends when the time that was asked for is over.
///
/// A camera gives frames from the moment that it is opened, but what is to be counted are those that reach a recording.
/// While the gate is shut, a camera's frames pass by and the newest is kept, so that opening the gate delivers a frame at
/// once; a source that can wait stands still.
final class FrameGate: VideoSource {
    private let source: any VideoSource
    private let duration: Duration?
    private let state: Monitor<State>

    private enum Passage {
        case shut
        /// Frames from this time on; nil for all.
        case open(from: Timestamp?)
        case ended
    }

    private struct State {
        var passage: Passage
        /// A camera's newest frame, while the gate is shut.
        var newest: Frame?
        var isInterrupted = false
        /// The time from frame to frame, which does not change while the source runs.
        var interval = Duration.zero
        /// The times of the frames that pass, as their recording has them.
        var clock: SteadyClock?
        var passed = 0
        var first: Timestamp?
        var last: Timestamp?
    }

    /// Puts a gate in front of a source; it is shut.
    ///
    /// - Parameters:
    ///   - source: The source.
    ///   - duration: Frames are let through up to this long after the first; nil for no limit.
    init(_ source: any VideoSource, duration: Duration? = nil) {
        self.source = source
        self.duration = duration
        state = Monitor(State(passage: .shut))
    }

    /// Lets frames through, up to the limit.
    ///
    /// - Parameter time: Earlier frames are left out, but not one that is nearer to this time than the next will be.
    func open(from time: Timestamp? = nil) {
        let tolerance = source.streams[0].frameRate.interval / 2
        pass(.open(from: time.map { $0 - tolerance }))
    }

    /// Ends the source for whoever takes its frames.
    func end() {
        pass(.ended)
    }

    /// How much was let through: frames, and the time that they take by the device's clock.
    var passed: (frames: Int, duration: Duration) {
        let interval = source.streams[0].frameRate.interval
        return state.withLock { state in
            guard let first = state.first, let last = state.last else { return (0, .zero) }
            return (state.passed, last - first + interval)
        }
    }

    /// The device's time of the last frame that was let through.
    var lastTime: Timestamp? { state.withLock { $0.last } }

    private func pass(_ passage: Passage) {
        state.update { state in
            if case .ended = state.passage { return }
            state.passage = passage
        }
        // The device thread may be waiting for the next frame while the newest is here already.
        source.interrupt()
    }

    // MARK: VideoSource

    var name: String { source.name }
    var model: String { source.model }
    var maker: String? { source.maker }
    var streams: [VideoStream] { source.streams }
    func pixelFormats() throws -> [PixelFormat] { try source.pixelFormats() }
    var canWait: Bool { source.canWait }
    var counts: SourceCounts { source.counts }

    func configure(_ request: SourceConfiguration) throws { try source.configure(request) }
    func stop() { source.stop() }
    func close() { source.close() }
    func requestKeyFrame() throws -> Bool { try source.requestKeyFrame() }
    func controls() throws -> [CameraControl] { try source.controls() }
    func setControl(_ name: String, to value: ControlValue) throws { try source.setControl(name, to: value) }
    func watchControls() throws -> any ControlWatch { try source.watchControls() }
    func settings() throws -> [SettingDescription] { try source.settings() }
    func description(of setting: CameraSetting) throws -> SettingDescription? { try source.description(of: setting) }
    func set(_ setting: CameraSetting, to value: SettingValue) throws { try source.set(setting, to: value) }

    func start() throws {
        try source.start()
        let rate = source.streams[0].frameRate
        let canWait = source.canWait
        state.withLock { state in
            state.interval = rate.interval
            state.clock = SteadyClock(frameRate: rate, canWait: canWait)
        }
    }

    func interrupt() {
        state.update { $0.isInterrupted = true }
        source.interrupt()
    }

    func next(timeout: Duration?) throws -> SourceEvent {
        if let event = waitForPassage(timeout) { return event }
        let event = try source.next(timeout: timeout)
        guard case .frame(let frame) = event else { return event }
        return state.withLock { Self.admit(frame, &$0, duration) }
    }

    /// What can be said without asking the source; nil when it is to be asked.
    private func waitForPassage(_ timeout: Duration?) -> SourceEvent? {
        let decision = state.wait(until: .deadline(after: timeout)) { state -> SourceEvent?? in
            if state.isInterrupted {
                state.isInterrupted = false
                return .interrupted
            }
            switch state.passage {
            case .ended: return .ended
            case .shut: return source.canWait ? nil : .some(nil)
            case .open:
                guard let frame = state.newest.take() else { return .some(nil) }
                return Self.admit(frame, &state, duration)
            }
        }
        return decision ?? .timedOut
    }

    /// Decides on a frame.
    private static func admit(_ frame: Frame, _ state: inout State, _ limit: Duration?) -> SourceEvent {
        var time = frame.info.timestamp
        switch state.passage {
        case .ended: return .ended
        case .shut:
            state.newest = frame
            return .interrupted
        case .open(let start?) where time < start: return .interrupted
        case .open where state.passed == 0 && !frame.isKeyFrame:
            // The recording leaves out what is before the first key frame, so it is not part of what was asked for.
            state.newest = nil
            return .frame(frame)
        case .open:
            time = state.clock?.advance(to: frame.info, arrival: .now).info.timestamp ?? time
            // A camera's clock is not exact: the frame that is due at the end of the duration is not part of it.
            if let limit, let first = state.first, time - first >= limit - state.interval / 2 {
                state.passage = .ended
                return .ended
            }
        }
        // One that is newer has overtaken it.
        state.newest = nil
        state.passed += 1
        state.first = state.first ?? time
        state.last = time
        return .frame(frame)
    }
}
