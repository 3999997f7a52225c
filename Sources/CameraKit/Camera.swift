// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraDevices
public import CameraEncoders
internal import Synchronization

/// A camera that records video and takes pictures.
///
/// ```swift
/// let camera = try Camera(resolution: .hd720p, frameRate: 30)
/// defer { camera.close() }
/// try camera.startRecording(to: "hall.h264")
/// try camera.waitRecording(.seconds(60))
/// try camera.stopRecording()
/// ```
///
/// Frames flow from construction on, so that exposure settles. All methods may be called from any thread; those that wait
/// throw `.wouldDeadlock` on an encoder's own threads.
public final class Camera: EncoderParent {
    /// Where frames come from.
    public let router: FrameRouter
    /// Converts frames, once for all encoders.
    public let conversions = ConversionStage()
    /// How long stopping a recording waits for an output, and closing the camera for the device.
    public let stopTimeout: Duration
    /// The EXIF tags that were set; nil for those that tell of the camera.
    let givenExifTags = Mutex<ExifTags?>(nil)
    let hub: EventHub
    let styles = Mutex(StyleBook())
    private let state: Mutex<State>
    private let closing = Monitor(false)

    private struct State {
        var clockMode: ClockMode
        var sensorMode = 0
        /// The recordings, by splitter port.
        var recordings: [Int: VideoEncoder] = [:]
        /// Ports whose recording is being started.
        var reserved: Set<Int> = []
        /// Counts of recordings that were stopped.
        var past: [Int: EncoderStatistics] = [:]
    }

    /// Opens a camera and lets its frames flow.
    ///
    /// - Parameters:
    ///   - selection: Which camera; the first real one by default.
    ///   - resolution: The size of the frames; nil for the device's choice.
    ///   - frameRate: The rate; nil for the device's choice.
    ///   - pixelFormat: The layout of the frames; nil for the one that is cheapest to work with. With `.mjpeg`, `.h264` or
    ///     `.h265` a recording of that format has what the camera delivers, byte for byte.
    ///   - sensorMode: The sensor's mode; 0 for automatic choice.
    ///   - clockMode: What the times of recordings count from.
    ///   - stallLimit: How long no frame may come before that is an error; nil for three seconds or four frames, whichever
    ///     is longer, as the rate and the exposure have it.
    ///   - stopTimeout: How long stopping a recording waits for an output, and closing the camera for the device.
    /// - Throws: `.notFound`, `.busy`, `.permissionDenied`, `.invalidValue`, `.unsupported`.
    public init(
        _ selection: CameraSelection = .auto, resolution: Resolution? = nil, frameRate: FrameRate? = nil,
        pixelFormat: PixelFormat? = nil, sensorMode: Int = 0, clockMode: ClockMode = .reset,
        stallLimit: Duration? = nil,
        stopTimeout: Duration = .seconds(15)
    ) throws(CameraError) {
        try resolution?.validated("opening the camera")
        try frameRate?.validated("opening the camera")
        guard stallLimit ?? .seconds(1) > .zero else {
            throw CameraError(
                .invalidValue, "opening the camera", reason: "a stall limit of \(stallLimit ?? .zero) is none")
        }
        let source: any VideoSource
        do {
            source = try selection.open(resolution: resolution, frameRate: frameRate, pixelFormat: pixelFormat)
            if sensorMode != 0 { try source.configure(SourceConfiguration(sensorMode: sensorMode)) }
        } catch {
            throw CameraError(wrapping: error, as: .device, "opening the camera")
        }
        let hub = EventHub()
        self.hub = hub
        self.stopTimeout = stopTimeout
        self.state = Mutex(State(clockMode: clockMode, sensorMode: sensorMode))
        let number = Self.opened.add(1, ordering: .relaxed).oldValue
        let closing = closing
        router = FrameRouter(
            source: source, name: "cam\(number)", stallLimit: stallLimit, stopTimeout: stopTimeout
        ) { event in
            hub.send(event)
            // Who waits for time to pass looks whether the camera has failed.
            if case .sourceFailed = event { closing.update { _ in } }
        }
        do {
            try router.start()
        } catch {
            source.close()
            throw error
        }
    }

    private static let opened = Atomic(0)

    deinit {
        close()
    }

    /// Stops all recordings and frees the device; what goes wrong then arrives in ``events``.
    ///
    /// A device that does not come back within ``stopTimeout`` is freed when it does.
    ///
    /// May be called twice.
    public func close() {
        let isFirst = closing.update { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        for port in recordingPorts {
            do {
                try stopRecording(splitterPort: port)
            } catch {
                report(.recordingFailed(port: port, error))
            }
        }
        router.close()
        hub.finish()
    }

    // MARK: State

    /// Whether the camera was closed.
    public var isClosed: Bool { closing.withLock { $0 } }

    /// Whether any recording runs.
    public var isRecording: Bool { state.withLock { $0.recordings.values.contains(where: \.isActive) } }

    /// The size of the frames.
    public var resolution: Resolution { router.source.streams[0].size }

    /// The rate of the frames.
    public var frameRate: FrameRate { router.source.streams[0].frameRate }

    /// The sensor's mode; 0 for automatic choice.
    public var sensorMode: Int { state.withLock { $0.sensorMode } }

    /// What the times of recordings count from.
    public var clockMode: ClockMode { state.withLock { $0.clockMode } }

    /// The present time on the clock that frames are stamped with.
    public var timestamp: Timestamp { .now }

    /// The last picture of a recording that runs; of the lowest port when there are several.
    ///
    /// - Throws: `.notRecording` when none runs.
    public var frame: VideoFrame? {
        get throws(CameraError) {
            try checkOpen("reading the frame")
            let active = state.withLock { $0.recordings.filter(\.value.isActive).min { $0.key < $1.key }?.value }
            guard let active else { throw CameraError(.notRecording, "reading the frame") }
            return active.frame
        }
    }

    /// What became of the frames: the camera's counts, and those of the present or last recording of each port.
    public var statistics: Statistics {
        let (past, recordings) = state.withLock { ($0.past, $0.recordings) }
        return Statistics(
            source: router.statistics, encoders: past.merging(recordings.mapValues(\.statistics)) { $1 })
    }

    /// What happens from now on: drops, stalls, failures.
    ///
    /// Ends when the camera is closed.
    public var events: AsyncStream<CameraEvent> { hub.stream() }

    /// Hands an event to everybody who listens.
    public func report(_ event: CameraEvent) {
        hub.send(event)
    }

    /// Waits, and notices when the camera fails.
    ///
    /// - Parameter duration: How long to wait.
    /// - Throws: What the camera failed with; `.closed` when it is closed meanwhile.
    public func wait(_ duration: Duration) throws(CameraError) {
        try checkOpen("waiting")
        _ = closing.wait(until: .deadline(after: duration)) { $0 || router.failure != nil ? true : nil }
        try checkOpen("waiting")
    }

    // MARK: Configuration

    /// Changes the size of the frames; not while recording.
    public func setResolution(_ resolution: Resolution) throws(CameraError) {
        try resolution.validated("setting the resolution")
        try configure(SourceConfiguration(resolution: resolution), "setting the resolution")
    }

    /// Changes the rate; not while recording.
    public func setFrameRate(_ frameRate: FrameRate) throws(CameraError) {
        try frameRate.validated("setting the frame rate")
        try configure(SourceConfiguration(frameRate: frameRate), "setting the frame rate")
    }

    /// Changes the sensor's mode; not while recording.
    public func setSensorMode(_ sensorMode: Int) throws(CameraError) {
        try configure(SourceConfiguration(sensorMode: sensorMode), "setting the sensor mode")
        state.withLock { $0.sensorMode = sensorMode }
    }

    /// Changes what times count from; not while recording.
    public func setClockMode(_ clockMode: ClockMode) throws(CameraError) {
        try checkIdle("setting the clock mode")
        state.withLock { $0.clockMode = clockMode }
    }

    private func configure(_ request: SourceConfiguration, _ operation: String) throws(CameraError) {
        try checkIdle(operation)
        router.stop()
        if let failure = router.failure { throw failure }
        var failure: CameraError?
        do {
            try router.source.configure(request)
        } catch {
            failure = CameraError(wrapping: error, as: .device, operation, subject: router.source.name)
        }
        try router.start()
        if let failure { throw failure }
    }

    private func checkIdle(_ operation: String) throws(CameraError) {
        try checkOpen(operation)
        if state.withLock({ !$0.recordings.isEmpty || !$0.reserved.isEmpty }) {
            throw CameraError(.alreadyRecording, operation)
        }
    }

    func checkOpen(_ operation: String) throws(CameraError) {
        if isClosed { throw CameraError(.closed, operation, reason: "the camera was closed") }
        if let failure = router.failure { throw failure }
    }

    // MARK: Ports

    /// Ports on which a recording was started and not stopped.
    var recordingPorts: [Int] { state.withLock { $0.recordings.keys.sorted() } }

    /// Keeps a port from others until ``install(_:on:)`` or ``release(_:_:)``.
    func reserve(_ port: Int, _ operation: String) throws(CameraError) {
        let isFree = state.withLock { state in
            guard state.recordings[port] == nil else { return false }
            return state.reserved.insert(port).inserted
        }
        guard isFree else {
            throw CameraError(.alreadyRecording, operation, reason: "splitter port \(port) is in use")
        }
    }

    /// Gives a port back whose recording could not be started.
    func release(_ port: Int, _ encoder: VideoEncoder? = nil) {
        state.withLock { state in
            state.reserved.remove(port)
            if let encoder, state.recordings[port] === encoder { state.recordings[port] = nil }
        }
    }

    func install(_ encoder: VideoEncoder, on port: Int) {
        state.withLock { state in
            state.reserved.remove(port)
            state.recordings[port] = encoder
        }
    }

    /// The recording of a port.
    ///
    /// - Throws: `.notRecording`.
    func recording(_ port: Int, _ operation: String) throws(CameraError) -> VideoEncoder {
        guard let encoder = state.withLock({ $0.recordings[port] }) else {
            if isClosed { throw CameraError(.closed, operation, reason: "the camera was closed") }
            throw CameraError(.notRecording, operation, reason: "no recording was started on splitter port \(port)")
        }
        return encoder
    }

    func remove(_ encoder: VideoEncoder, from port: Int) {
        let statistics = encoder.statistics
        state.withLock { state in
            state.past[port] = statistics
            if state.recordings[port] === encoder { state.recordings[port] = nil }
        }
    }
}
