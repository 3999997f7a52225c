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
///
/// A camera that nobody holds is closed, also while it records.
public final class Camera: Sendable {
    /// What the recordings share with it; they keep that, and not the camera.
    let open: OpenCamera
    /// The EXIF tags that were set; nil for those that tell of the camera.
    let givenExifTags = Mutex<ExifTags?>(nil)

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
        open = try OpenCamera(
            source, clockMode: clockMode, sensorMode: sensorMode, stallLimit: stallLimit, stopTimeout: stopTimeout)
    }

    deinit {
        open.close()
    }

    /// Stops all recordings and frees the device; what goes wrong then arrives in ``events``.
    ///
    /// Whoever waits for the camera or a recording hears of it at once. A device that does not come back within
    /// ``stopTimeout`` is freed when it does.
    ///
    /// May be called twice; the second call waits for the first. On an encoder's own thread, as in an output's `write`, it
    /// returns at once and another thread closes the camera.
    public func close() { open.close() }

    /// What encoders take as their parent that are not made by the camera's own methods.
    public var encoderParent: EncoderParent { open.parent }

    /// Where frames come from.
    package var router: FrameRouter { open.parent.router }

    var styles: Styles { open.styles }

    var source: any VideoSource { router.source }

    /// How long stopping a recording waits for an output, and closing the camera for the device.
    public var stopTimeout: Duration { open.parent.stopTimeout }

    // MARK: State

    /// The device or file as messages name it: "/dev/video0".
    public var name: String { source.name }

    /// Whether the camera was closed.
    public var isClosed: Bool { open.isClosed }

    /// Whether any recording runs.
    public var isRecording: Bool { open.recordings.values.contains(where: \.isActive) }

    /// The size of the frames.
    public var resolution: Resolution { source.streams[0].size }

    /// The rate of the frames.
    public var frameRate: FrameRate { source.streams[0].frameRate }

    /// The sensor's mode; 0 for automatic choice.
    public var sensorMode: Int { open.sensorMode }

    /// What the times of recordings count from.
    public var clockMode: ClockMode { open.parent.clockMode }

    /// The present time on the clock that frames are stamped with.
    public var timestamp: Timestamp { .now }

    /// The last picture of a recording that runs; of the lowest port when there are several.
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

    /// What became of the frames: the camera's counts, and those of the present or last recording of each port.
    public var statistics: Statistics {
        Statistics(source: router.statistics, encoders: open.encoderStatistics)
    }

    /// What happens from now on: drops, stalls, failures.
    ///
    /// Ends when the camera is closed.
    public var events: AsyncStream<CameraEvent> { open.hub.stream() }

    /// Hands an event to everybody who listens.
    func report(_ event: CameraEvent) { open.hub.send(event) }

    /// Waits, and notices when the camera fails.
    ///
    /// - Parameter duration: How long to wait.
    /// - Throws: What the camera failed with; `.closed` when it is closed meanwhile.
    public func wait(_ duration: Duration) throws(CameraError) {
        try checkOpen("waiting")
        open.waitForTrouble(until: .deadline(after: duration))
        try checkOpen("waiting")
    }

    /// Suspends the task, and notices when the camera fails.
    ///
    /// - Parameter duration: How long to wait.
    /// - Throws: What the blocking twin throws; `.cancelled` when the task is.
    public func wait(_ duration: Duration) async throws(CameraError) {
        try CameraError.checkCancellation("waiting")
        try checkOpen("waiting")
        await open.suspendForTrouble(until: .deadline(after: duration))
        try CameraError.checkCancellation("waiting")
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
    }

    /// Changes what times count from; not while recording.
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

    /// The recording of a port, as ``startRecording(to:format:resize:splitterPort:splitting:frameLimit:durationLimit:onDisconnect:sync:motionOutput:metadataOutput:options:encoder:)`` gave it.
    ///
    /// - Throws: `.notRecording`, `.closed`.
    public func recording(splitterPort: Int = 1) throws(CameraError) -> Recording {
        try recording(splitterPort, "looking for the recording")
    }

    func recording(_ port: Int, _ operation: String) throws(CameraError) -> Recording {
        Recording(camera: self, splitterPort: port, encoder: try open.recording(port, operation))
    }
}
