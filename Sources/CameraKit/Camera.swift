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
/// The camera takes frames as soon as it is made, so that its exposure settles. All methods may be called from any thread;
/// those that wait throw `.wouldDeadlock` on an encoder's own threads.
///
/// The camera is closed when the last reference to it goes, even while it records.
public final class Camera: Sendable {
    /// The state that the camera shares with its encoders, which keep a reference to parts of it and not to the camera.
    let open: OpenCamera
    /// The EXIF tags that were set; nil for the camera's make and model alone.
    let givenExifTags = Mutex<ExifTags?>(nil)

    /// Opens a camera and lets its frames flow.
    ///
    /// - Parameters:
    ///   - selection: Which camera; the first real one by default.
    ///   - resolution: The size of the frames; nil for that of the file or the signal, or else 1280x720, or the nearest that
    ///     the camera has. libcamera chooses by itself.
    ///   - frameRate: The frame rate; nil for that of the file, or else 30 frames per second, or the nearest that the camera
    ///     has.
    ///   - pixelFormat: The layout of the frames; nil for the one that is cheapest to work with. With `.mjpeg`, `.h264` or
    ///     `.h265`, a recording of that format receives the camera's own compressed pictures, byte for byte.
    ///   - sensorMode: The sensor's mode; 0 for automatic choice.
    ///   - clockMode: What the times of recordings count from.
    ///   - stallLimit: The longest time without a frame before that is an error; nil for three seconds or the time of four
    ///     frames at the present frame rate and exposure, whichever is longer.
    ///   - stopTimeout: The longest time that stopping a recording waits for its outputs, and closing the camera for the
    ///     device.
    /// - Throws: `.notFound`, `.busy`, `.permissionDenied`, `.invalidValue`, `.unsupported`.
    public convenience init(
        _ selection: CameraSelection = .auto, resolution: Resolution? = nil, frameRate: FrameRate? = nil,
        pixelFormat: PixelFormat? = nil, sensorMode: Int = 0, clockMode: ClockMode = .reset,
        stallLimit: Duration? = nil,
        stopTimeout: Duration = .seconds(15)
    ) throws(CameraError) {
        try resolution?.validated("opening the camera")
        try frameRate?.validated("opening the camera")
        let source: any VideoSource
        do {
            source = try selection.open(resolution: resolution, frameRate: frameRate, pixelFormat: pixelFormat)
            if sensorMode != 0 { try source.configure(SourceConfiguration(sensorMode: sensorMode)) }
        } catch {
            throw CameraError(wrapping: error, as: .device, "opening the camera")
        }
        try self.init(
            holding: source, sensorMode: sensorMode, clockMode: clockMode, stallLimit: stallLimit,
            stopTimeout: stopTimeout)
        do {
            try startFrames()
        } catch {
            close()
            throw error
        }
    }

    /// Takes a source whose frames flow from ``startFrames()`` on: a recording that is started before begins with the first.
    package init(
        holding source: any VideoSource, sensorMode: Int = 0, clockMode: ClockMode = .reset, stallLimit: Duration?,
        stopTimeout: Duration
    ) throws(CameraError) {
        guard stallLimit ?? .seconds(1) > .zero else {
            throw CameraError(
                .invalidValue, "opening the camera", reason: "a stall limit of \(stallLimit ?? .zero) is none")
        }
        open = OpenCamera(
            source, clockMode: clockMode, sensorMode: sensorMode, stallLimit: stallLimit, stopTimeout: stopTimeout)
    }

    /// Lets the frames of a source that is held flow.
    ///
    /// - Throws: What starting the source throws, which ends what waits for its frames.
    package func startFrames() throws(CameraError) { try router.start() }

    deinit {
        open.close()
    }

    /// Stops all recordings and frees the device; errors arrive in ``events``.
    ///
    /// Calls that wait for the camera or for a recording end. A device whose driver does not return within ``stopTimeout`` is
    /// freed when the driver returns.
    ///
    /// May be called twice; the second call waits for the first. On an encoder's own thread, as in an output's `write`, it
    /// returns at once and another thread closes the camera.
    public func close() { open.close() }

    /// The parent for encoders that the program makes itself; see ``EncoderConfiguration/parent``.
    public var encoderParent: EncoderParent { open.parent }

    /// Where frames come from.
    package var router: FrameRouter { open.parent.router }

    var styles: Styles { open.styles }

    var source: any VideoSource { router.source }

    /// The longest time that stopping a recording waits for its outputs, and closing the camera for the device.
    public var stopTimeout: Duration { open.parent.stopTimeout }

    // MARK: State

    /// The name of the device or file in messages, such as "/dev/video0".
    public var name: String { source.name }

    /// Whether the camera was closed.
    public var isClosed: Bool { open.isClosed }

    /// Whether any recording runs.
    public var isRecording: Bool { open.recordings.values.contains(where: \.isActive) }

    /// The size of the frames of the main stream, in pixels.
    public var resolution: Resolution { source.streams[0].size }

    /// The nominal frame rate of the main stream.
    public var frameRate: FrameRate { source.streams[0].frameRate }

    /// The sensor's mode; 0 for automatic choice.
    public var sensorMode: Int { open.sensorMode }

    /// What the times of recordings count from.
    public var clockMode: ClockMode { open.parent.clockMode }

    /// The present time on the clock that frames are stamped with.
    public var timestamp: Timestamp { .now }

    /// The last picture that the running recording handed to its outputs; nil before its first.
    ///
    /// When several recordings run, the one on the lowest splitter port counts.
    ///
    /// - Throws: `.notRecording` when none runs.
    public var frame: VideoFrame? {
        get throws(CameraError) {
            try checkOpen("reading the frame")
            let active = open.recordings.filter(\.value.isActive).min { $0.key < $1.key }?.value
            guard let active else { throw CameraError(.notRecording, "reading the frame") }
            return active.frame
        }
    }

    /// The frame counts of the camera, and of the present or last recording of each splitter port.
    public var statistics: Statistics {
        Statistics(source: router.statistics, encoders: open.encoderStatistics)
    }

    /// A stream of what happens to the camera from now on: drops, stalls, failures and other events.
    ///
    /// Each call makes a stream of its own. A reader that is more than 1024 events behind misses the oldest ones. The stream
    /// ends when the camera is closed.
    public var events: AsyncStream<CameraEvent> { open.hub.stream() }

    /// Has `take` called with each event from now on, on the thread on which it happens.
    ///
    /// - Parameters:
    ///   - take: Must not wait.
    ///   - onEnd: Called when the camera is closed; must not wait.
    /// - Returns: Ends it.
    package func observe(
        _ take: @escaping @Sendable (CameraEvent) -> Void, onEnd: @escaping @Sendable () -> Void
    ) -> @Sendable () -> Void {
        let hub = open.hub
        let key = hub.observe(take, onEnd: onEnd)
        return { if let key { hub.remove(key) } }
    }

    /// Hands an event to everybody who listens.
    func report(_ event: CameraEvent) { open.hub.send(event) }

    /// Waits for a time, and throws when the camera fails meanwhile.
    ///
    /// - Parameter duration: How long to wait.
    /// - Throws: What the camera failed with; `.closed` when it is closed meanwhile.
    public func wait(_ duration: Duration) throws(CameraError) {
        try checkOpen("waiting")
        open.waitForTrouble(until: .deadline(after: duration))
        try checkOpen("waiting")
    }

    /// Suspends the task for a time, and throws when the camera fails meanwhile.
    ///
    /// - Parameter duration: How long to wait.
    /// - Throws: What the blocking method throws; `.cancelled` when the task is cancelled.
    public func wait(_ duration: Duration) async throws(CameraError) {
        try CameraError.checkCancellation("waiting")
        try checkOpen("waiting")
        await open.suspendForTrouble(until: .deadline(after: duration))
        try CameraError.checkCancellation("waiting")
        try checkOpen("waiting")
    }

    // MARK: Configuration

    /// Changes the size of the frames, in pixels; not while recording.
    ///
    /// - Throws: `.invalidValue` or `.unsupported` with the sizes that the camera has; `.alreadyRecording` while it is in use.
    public func setResolution(_ resolution: Resolution) throws(CameraError) {
        try resolution.validated("setting the resolution")
        try configure(SourceConfiguration(resolution: resolution), "setting the resolution")
    }

    /// Changes the frame rate, in frames per second; not while recording.
    ///
    /// - Throws: `.invalidValue` or `.unsupported` with what the camera has; `.alreadyRecording` while it is in use.
    public func setFrameRate(_ frameRate: FrameRate) throws(CameraError) {
        try frameRate.validated("setting the frame rate")
        try configure(SourceConfiguration(frameRate: frameRate), "setting the frame rate")
    }

    /// Changes the sensor's mode, by its number; not while recording.
    ///
    /// - Throws: `.invalidValue` for a number that the camera does not have; `.alreadyRecording` while it is in use.
    public func setSensorMode(_ sensorMode: Int) throws(CameraError) {
        try configure(SourceConfiguration(sensorMode: sensorMode), "setting the sensor mode")
    }

    /// Changes what the times of recordings count from; not while recording.
    ///
    /// - Throws: `.alreadyRecording` while the camera is in use; `.closed`.
    public func setClockMode(_ clockMode: ClockMode) throws(CameraError) {
        try open.whileIdle("setting the clock mode") { open.parent.setClockMode(clockMode) }
    }

    private func configure(_ request: SourceConfiguration, _ operation: String) throws(CameraError) {
        try checkOpen(operation)
        try open.whileIdle(operation) { () throws(CameraError) in try open.configure(request, operation) }
    }

    func checkOpen(_ operation: String) throws(CameraError) { try open.check(operation) }

    // MARK: Ports

    /// Ports on which a recording was started and not stopped.
    var recordingPorts: [Int] { open.recordings.keys.sorted() }

    /// The recordings that run now and whose pictures have the camera's own size, on the lowest port first.
    package var activeRecordings: [Recording] {
        open.recordings.sorted { $0.key < $1.key }
            .filter { $0.value.isActive && $0.value.configuration.resize == nil }
            .map { Recording(camera: self, splitterPort: $0.key, encoder: $0.value) }
    }

    /// The recording of a port, as ``startRecording(to:format:resize:splitterPort:splitting:retention:frameLimit:durationLimit:onDisconnect:sync:motionOutput:metadataOutput:options:encoder:)`` gave it.
    ///
    /// - Throws: `.notRecording`, `.closed`.
    public func recording(splitterPort: Int = 1) throws(CameraError) -> Recording {
        try recording(splitterPort, "looking for the recording")
    }

    func recording(_ port: Int, _ operation: String) throws(CameraError) -> Recording {
        Recording(camera: self, splitterPort: port, encoder: try open.recording(port, operation))
    }
}
