// SPDX-License-Identifier: MIT

/// Where frames come from: a camera, a file, a generator.
///
/// One thread, the device thread of whoever owns the source, calls ``next(timeout:)`` between ``start()`` and ``stop()``;
/// ``interrupt()`` may be called from any thread. ``configure(_:)`` is called only while stopped.
public protocol VideoSource: AnyObject, Sendable {
    /// The source's name in messages: "/dev/video0", "test", "clip.y4m".
    var name: String { get }

    /// The camera's model, for EXIF data: "imx219", "HD Webcam".
    var model: String { get }

    /// The camera's manufacturer, for EXIF data; nil where that is not known.
    var maker: String? { get }

    /// The streams of frames that the source delivers, the main one first.
    var streams: [VideoStream] { get }

    /// The pixel formats that the source can be configured for, the present one among them.
    ///
    /// - Throws: Any error; the caller of the camera gets it as ``CameraError``.
    func pixelFormats() throws -> [PixelFormat]

    /// Whether the source waits until its frames are taken, as a file does; a camera goes on.
    var canWait: Bool { get }

    /// The numbers of frames copied and dropped; may be read from any thread.
    var counts: SourceCounts { get }

    /// Chooses size, rate, sensor mode and pixel format; nil parts of the request stay as they are.
    ///
    /// - Throws: `.invalidValue` or `.unsupported` that says what the source offers; nothing is changed then.
    func configure(_ request: SourceConfiguration) throws

    /// Begins to take frames; called on the device thread.
    ///
    /// - Throws: Any error; recordings end with it.
    func start() throws

    /// Waits for the next frame or other event.
    ///
    /// - Parameter timeout: The longest to wait; nil for no limit.
    /// - Returns: A frame, or the reason why there is none.
    /// - Throws: The error that ended the source, such as `.deviceLost` when it was unplugged; the method is not called
    ///   again before the source is started anew.
    func next(timeout: Duration?) throws -> SourceEvent

    /// Makes a waiting ``next(timeout:)``, or else the next call of it, return `.interrupted` at once.
    func interrupt()

    /// Ends taking frames. Frames that others keep stay valid.
    func stop()

    /// Frees the device. Frames that others keep stay valid.
    func close()

    /// Asks a source of compressed video for a key frame.
    ///
    /// May be called from any thread.
    ///
    /// - Returns: Whether the source can make key frames on request.
    func requestKeyFrame() throws -> Bool

    /// The controls that the device has; called from any thread, as the other methods of controls and settings.
    ///
    /// - Throws: Any error; the caller of the camera gets it as ``CameraError``.
    func controls() throws -> [CameraControl]

    /// Sets a control by its name.
    ///
    /// - Throws: `.unsupported` when the device does not have it; `.invalidValue` with the range.
    func setControl(_ name: String, to value: ControlValue) throws

    /// Begins to report changes of the controls, until the source is closed.
    func watchControls() throws -> any ControlWatch

    /// The settings that the camera has, by picamera's names, with this camera's ranges and values.
    func settings() throws -> [SettingDescription]

    /// A setting as it is now; nil when the camera does not have it.
    func description(of setting: CameraSetting) throws -> SettingDescription?

    /// Changes a setting, also while the camera runs where the device can.
    ///
    /// - Throws: `.unsupported` when the camera does not have it; `.invalidValue` with the range.
    func set(_ setting: CameraSetting, to value: SettingValue) throws
}

extension VideoSource {
    /// The present formats of the streams.
    public func pixelFormats() throws -> [PixelFormat] { streams.map(\.format) }

    /// The source's ``name``.
    public var model: String { name }

    /// Nil.
    public var maker: String? { nil }

    /// All counts are zero.
    public var counts: SourceCounts { SourceCounts() }

    /// False: the source makes no key frames on request.
    public func requestKeyFrame() throws -> Bool { false }

    /// An empty list.
    public func controls() throws -> [CameraControl] { [] }

    /// Throws `.unsupported`.
    public func setControl(_ name: String, to value: ControlValue) throws {
        throw CameraError(
            .unsupported, "setting the control \(name)", subject: self.name, reason: "it has no controls")
    }

    /// Throws `.unsupported`.
    public func watchControls() throws -> any ControlWatch {
        throw CameraError(
            .unsupported, "watching the controls", subject: name, reason: "it has none, or does not tell of changes")
    }

    /// An empty list.
    public func settings() throws -> [SettingDescription] { [] }

    /// The setting's entry in ``settings()``; nil when there is none.
    public func description(of setting: CameraSetting) throws -> SettingDescription? {
        try settings().first { $0.setting == setting }
    }

    /// Throws `.unsupported`.
    public func set(_ setting: CameraSetting, to value: SettingValue) throws {
        throw try lack(of: setting, "setting \(setting) to \(value)")
    }

    /// The error for a setting that the camera does not have; it names those that it has.
    package func lack(of setting: CameraSetting, _ operation: String) throws -> CameraError {
        let names = try settings().map(\.setting.rawValue).joined(separator: ", ")
        return CameraError(
            .unsupported, operation, subject: name,
            reason: names.isEmpty ? "this camera has no settings" : "this camera has no \(setting); it has \(names)")
    }
}

extension VideoSource {
    /// Throws `.invalidValue` when there is no such stream.
    package func check(stream: Int, _ operation: String) throws(CameraError) {
        let count = streams.count
        guard !(0..<count).contains(stream) else { return }
        throw CameraError(
            .invalidValue, operation, subject: name,
            reason:
                "there is no stream \(stream): it has \(count == 1 ? "only stream 0" : "the streams 0 to \(count - 1)")"
        )
    }
}

/// A frame or another event of a source.
///
/// Later versions may add cases: a `switch` in another package needs a default.
@nonexhaustive
public enum SourceEvent: Sendable {
    /// A frame.
    case frame(Frame)
    /// Damaged frames that were left out, and their number.
    case damaged(Int)
    /// The signal at the camera's input is lost; later frames show no picture, or none come.
    case signalLost
    /// The signal is back, with the same size and rate.
    case signalRegained
    /// The time-out passed without a frame or other event.
    case timedOut
    /// ``VideoSource/interrupt()`` was called.
    case interrupted
    /// There are no more frames.
    case ended
}

/// The format of one of a source's streams.
public struct VideoStream: Hashable, Sendable {
    /// The layout of the frames.
    public var format: PixelFormat
    /// The size of the frames.
    public var size: Resolution
    /// The nominal frame rate.
    public var frameRate: FrameRate
    /// The colour space of the frames.
    public var color: ColorSpace
    /// The pixel aspect ratio; square by default.
    public var pixelAspect = PixelAspect.square
    /// The field order; progressive by default.
    public var fieldOrder = FieldOrder.progressive

    /// Describes a stream with square pixels and progressive frames.
    public init(format: PixelFormat, size: Resolution, frameRate: FrameRate, color: ColorSpace) {
        self.format = format
        self.size = size
        self.frameRate = frameRate
        self.color = color
    }
}

/// The size, rate and format that are asked of a source; nil leaves the choice to the source.
public struct SourceConfiguration: Hashable, Sendable {
    /// The size of the frames.
    public var resolution: Resolution?
    /// The frame rate.
    public var frameRate: FrameRate?
    /// The sensor's mode, 0 for automatic choice.
    public var sensorMode: Int?
    /// The pixel format.
    public var pixelFormat: PixelFormat?

    /// Makes a configuration.
    public init(
        resolution: Resolution? = nil, frameRate: FrameRate? = nil, sensorMode: Int? = nil,
        pixelFormat: PixelFormat? = nil
    ) {
        self.resolution = resolution
        self.frameRate = frameRate
        self.sensorMode = sensorMode
        self.pixelFormat = pixelFormat
    }
}
