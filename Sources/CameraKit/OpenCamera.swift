// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraEncoders
internal import Synchronization

/// An opened camera: what its handle and the threads of its recordings share, its ports, and the way it is closed.
///
/// Nothing here keeps the ``Camera``, so that one that nobody holds is closed although it records.
final class OpenCamera: Sendable {
    /// What the encoders keep of the camera.
    let parent: EncoderParent
    let hub: Hub<CameraEvent>
    let styles: Styles
    private let name: String
    private let state: Monitor<State>

    /// Whether calls may still begin something.
    private enum Phase {
        case open
        /// ``close()`` was called; nothing begins any more.
        case closing
        case closed
    }

    private struct State {
        var phase = Phase.open
        /// Whether a caller sets the source up now: nothing is recorded meanwhile.
        var isConfiguring = false
        var sensorMode: Int
        /// The recordings, by splitter port.
        var recordings: [Int: VideoEncoder] = [:]
        /// Ports whose recording is being started.
        var reserved: Set<Int> = []
        /// Counts of recordings that were stopped.
        var past: [Int: EncoderStatistics] = [:]
    }

    private static let opened = Atomic(0)

    /// Takes a source, whose frames flow once the router is started.
    init(
        _ source: any VideoSource, clockMode: ClockMode, sensorMode: Int, stallLimit: Duration?, stopTimeout: Duration
    ) {
        let (styles, state) = (Styles(), Monitor(State(sensorMode: sensorMode)))
        let hub = Hub<CameraEvent>(backlog: 1024)
        name = "cam\(Self.opened.add(1, ordering: .relaxed).oldValue)"
        let router = FrameRouter(
            source: source, name: name, stallLimit: stallLimit, stopTimeout: stopTimeout
        ) { event in
            hub.send(event)
            // Wakes the calls that wait for a time, so that they see the failure.
            if case .sourceFailed = event { state.update { _ in } }
        }
        parent = EncoderParent(
            router: router, clockMode: clockMode, stopTimeout: stopTimeout,
            style: { port in styles.withLock { $0.prepared(of: port) } }, report: { hub.send($0) })
        (self.hub, self.styles, self.state) = (hub, styles, state)
    }

    // MARK: Closing

    /// See ``Camera/close()``.
    func close() {
        let isFirst = state.update { state in
            guard case .open = state.phase else { return false }
            state.phase = .closing
            return true
        }
        parent.close()
        switch (isFirst, isOwnThread) {
        case (true, false): finishClosing()
        case (true, true): finishClosingElsewhere()
        case (false, false): state.wait { state -> Void? in if case .closed = state.phase { () } else { nil } }
        case (false, true): break
        }
    }

    /// Whether the caller runs on a thread that closing waits for.
    private var isOwnThread: Bool {
        parent.router.isDeviceThread || recordings.values.contains(where: \.isOnOwnThread)
    }

    private func finishClosingElsewhere() {
        do {
            _ = try WorkerThread("\(name)-close") { self.finishClosing() }
        } catch {
            // There is no other thread: this one closes, and its waits for itself end at their time limits.
            finishClosing()
        }
    }

    private func finishClosing() {
        for (port, encoder) in recordings.sorted(by: { $0.key < $1.key }) {
            do {
                try stop(encoder, on: port)
            } catch {
                hub.send(.recordingFailed(splitterPort: port, error))
            }
        }
        parent.router.close()
        hub.finish()
        state.update { $0.phase = .closed }
    }

    var isClosed: Bool { state.withLock { if case .open = $0.phase { false } else { true } } }

    /// Throws when nothing can be asked of the camera any more: `.closed`, or what it failed with.
    func check(_ operation: String) throws(CameraError) {
        if isClosed { throw .cameraClosed(operation) }
        if let failure = parent.router.failure { throw failure }
    }

    /// Waits until the camera is closed or has failed.
    func waitForTrouble(until deadline: Timestamp?) {
        _ = state.wait(until: deadline, trouble)
    }

    /// Suspends the task until the camera is closed or has failed, a moment comes, or the task is cancelled.
    func suspendForTrouble(until deadline: Timestamp?) async {
        _ = await state.suspend(until: deadline, trouble)
    }

    private func trouble(_ state: inout State) -> Bool? {
        if case .open = state.phase, parent.router.failure == nil { nil } else { true }
    }

    // MARK: Setting up

    var sensorMode: Int { state.withLock(\.sensorMode) }

    /// Calls a body while nothing is recorded and nobody else sets the camera up; others wait for their turn.
    ///
    /// - Throws: `.alreadyRecording`, `.closed`, what the body throws.
    func whileIdle(_ operation: String, _ body: () throws(CameraError) -> Void) throws(CameraError) {
        try turn(operation) { state throws(CameraError) in
            guard state.recordings.isEmpty, state.reserved.isEmpty else {
                throw CameraError(.alreadyRecording, operation)
            }
            state.isConfiguring = true
        }
        defer { state.update { $0.isConfiguring = false } }
        try body()
    }

    func configure(_ request: SourceConfiguration, _ operation: String) throws(CameraError) {
        let source = parent.router.source
        try parent.router.change(operation) { () throws(CameraError) in
            do {
                try source.configure(request)
            } catch {
                throw CameraError(wrapping: error, as: .device, operation, subject: source.name)
            }
        }
        if let mode = request.sensorMode { state.withLock { $0.sensorMode = mode } }
    }

    /// Changes the state once nobody sets the camera up.
    private func turn(
        _ operation: String, _ change: (inout State) throws(CameraError) -> Void
    ) throws(CameraError) {
        // Setting up stops the source, which may take its time, and starts it.
        let isDone: Void? = try state.waitAndUpdate(until: .deadline(after: parent.stopTimeout * 3)) {
            (state) throws(CameraError) -> Void? in
            guard case .open = state.phase else { throw .cameraClosed(operation) }
            return state.isConfiguring ? nil : try change(&state)
        }
        guard isDone == nil else { return }
        throw CameraError(
            .timedOut, operation, reason: "another thread has been setting the camera up for \(parent.stopTimeout * 3)")
    }

    // MARK: Ports

    /// The recordings that were started and not stopped.
    var recordings: [Int: VideoEncoder] { state.withLock(\.recordings) }

    /// Counts of the present or last recording of each port.
    var encoderStatistics: [Int: EncoderStatistics] {
        let (past, recordings) = state.withLock { ($0.past, $0.recordings) }
        return past.merging(recordings.mapValues(\.statistics)) { $1 }
    }

    /// Keeps a port from others until ``install(_:on:)`` or ``release(_:_:)``.
    func reserve(_ port: Int, _ operation: String) throws(CameraError) {
        try turn(operation) { state throws(CameraError) in
            guard state.recordings[port] == nil, state.reserved.insert(port).inserted else {
                throw CameraError(.alreadyRecording, operation, reason: "splitter port \(port) is in use")
            }
        }
    }

    /// Gives a port back whose recording could not be started.
    func release(_ port: Int, _ encoder: VideoEncoder? = nil) {
        state.update { state in
            state.reserved.remove(port)
            if let encoder, state.recordings[port] === encoder { state.recordings[port] = nil }
        }
    }

    /// Makes an encoder the recording of the port that was reserved for it, unless the camera was closed meanwhile.
    func install(_ encoder: VideoEncoder, on port: Int) throws(CameraError) {
        try state.update { state throws(CameraError) in
            guard case .open = state.phase else { throw .cameraClosed("starting the recording") }
            state.reserved.remove(port)
            state.recordings[port] = encoder
        }
    }

    /// The recording of a port.
    ///
    /// - Throws: `.notRecording`, `.closed`.
    func recording(_ port: Int, _ operation: String) throws(CameraError) -> VideoEncoder {
        if let encoder = state.withLock({ $0.recordings[port] }) { return encoder }
        if isClosed { throw .cameraClosed(operation) }
        throw CameraError(.notRecording, operation, reason: "no recording was started on splitter port \(port)")
    }

    /// Stops a recording; its port is free afterwards, also when this throws, unless its own thread called.
    func stop(_ encoder: VideoEncoder, on port: Int) throws(CameraError) {
        do {
            try encoder.close()
        } catch {
            if error.code != .wouldDeadlock { remove(encoder, from: port) }
            throw error
        }
        remove(encoder, from: port)
    }

    private func remove(_ encoder: VideoEncoder, from port: Int) {
        let statistics = encoder.statistics
        state.update { state in
            guard state.recordings[port] === encoder else { return }
            state.past[port] = statistics
            state.recordings[port] = nil
        }
    }
}
