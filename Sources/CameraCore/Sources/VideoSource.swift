// SPDX-License-Identifier: MIT

/// Where frames come from: a camera, a file, a generator.
///
/// One thread, the device thread of whoever owns the source, calls ``next(timeout:)`` between ``start()`` and ``stop()``;
/// ``interrupt()`` may be called from any thread. ``configure(_:)`` is called only while stopped.
public protocol VideoSource: AnyObject, Sendable {
    /// What the source is called in messages: "/dev/video0", "test", "clip.y4m".
    var name: String { get }

    /// What the camera is called by its maker, for EXIF data: "imx219", "HD Webcam".
    var model: String { get }

    /// Who made it, for EXIF data; nil where that is not known.
    var maker: String? { get }

    /// The streams that it delivers, the main one first.
    var streams: [VideoStream] { get }

    /// The layouts that its frames could have if it were configured for them; what it delivers now is among them.
    func pixelFormats() throws -> [PixelFormat]

    /// Whether it can stand still until its frames are taken (a file), or goes on regardless (a camera).
    var canWait: Bool { get }

    /// What it did with frames besides delivering them; read from any thread.
    var counts: SourceCounts { get }

    /// Chooses size, rate and mode; what is nil stays as it is.
    ///
    /// - Throws: `.invalidValue` or `.unsupported` that says what there is; nothing is changed then.
    func configure(_ request: SourceConfiguration) throws

    /// Begins to take frames.
    func start() throws

    /// Waits for what comes next.
    ///
    /// - Parameter timeout: The longest to wait; nil for no limit.
    /// - Returns: A frame, or the reason why there is none.
    /// - Throws: What ended the source; `.deviceLost` when it was unplugged. It is not called again then.
    func next(timeout: Duration?) throws -> SourceEvent

    /// Makes a waiting ``next(timeout:)``, or else the next call of it, return `.interrupted` at once.
    func interrupt()

    /// Ends taking frames. Frames that others keep stay valid.
    func stop()

    /// Frees the device. Frames that others keep stay valid.
    func close()

    /// Asks a source of compressed video for a picture that decoding can start at; false when it cannot be asked.
    ///
    /// May be called from any thread.
    func requestKeyFrame() throws -> Bool

    /// The controls that the device has.
    func controls() throws -> [CameraControl]

    /// Sets a control by its name.
    func setControl(_ name: String, to value: ControlValue) throws

    /// Tells from now on of controls that change; ends when the source is closed.
    func watchControls() throws -> any ControlWatch

    /// The settings by picamera's names that the camera has, with the ranges that they have here.
    func settings() throws -> [SettingDescription]

    /// A setting as it is now; nil when the camera does not have it.
    func description(of setting: CameraSetting) throws -> SettingDescription?

    /// Changes a setting, also while the camera runs where the device can.
    ///
    /// - Throws: `.unsupported` when the camera does not have it; `.invalidValue` with the range.
    func set(_ setting: CameraSetting, to value: SettingValue) throws
}

extension VideoSource {
    /// What its streams have now.
    public func pixelFormats() throws -> [PixelFormat] { streams.map(\.format) }

    /// The name.
    public var model: String { name }

    /// Nil.
    public var maker: String? { nil }

    /// Nothing.
    public var counts: SourceCounts { SourceCounts() }

    /// False: the next key frame comes when it comes.
    public func requestKeyFrame() throws -> Bool { false }

    /// The source has none.
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

    /// The camera has none.
    public func settings() throws -> [SettingDescription] { [] }

    /// What ``settings()`` tells of it.
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

/// What a source delivers next.
///
/// Later versions may know more: a `switch` in another package has a default.
@nonexhaustive
public enum SourceEvent: Sendable {
    /// A frame.
    case frame(Frame)
    /// Frames that the device delivered damaged and that were left out.
    case damaged(Int)
    /// The signal at the camera's input went away; what comes from now on shows nothing, or does not come.
    case signalLost
    /// The signal is back, as it was.
    case signalRegained
    /// Nothing came in time.
    case timedOut
    /// ``VideoSource/interrupt()`` was called.
    case interrupted
    /// There are no more frames.
    case ended
}

/// One of a source's streams: what its frames are like.
public struct VideoStream: Hashable, Sendable {
    /// The layout of the frames.
    public var format: PixelFormat
    /// Their size.
    public var size: Resolution
    /// The nominal rate.
    public var frameRate: FrameRate
    /// What their numbers mean.
    public var color: ColorSpace
    /// The shape of their pixels.
    public var pixelAspect = PixelAspect.square
    /// Which of their lines were taken first.
    public var fieldOrder = FieldOrder.progressive

    /// Describes a stream of square pixels that are taken at once.
    public init(format: PixelFormat, size: Resolution, frameRate: FrameRate, color: ColorSpace) {
        self.format = format
        self.size = size
        self.frameRate = frameRate
        self.color = color
    }
}

/// What to ask of a source; nil leaves it to the source.
public struct SourceConfiguration: Hashable, Sendable {
    /// The size of the frames.
    public var resolution: Resolution?
    /// The rate.
    public var frameRate: FrameRate?
    /// The sensor's mode, 0 for automatic choice.
    public var sensorMode: Int?
    /// The layout in memory.
    public var pixelFormat: PixelFormat?

    /// Describes a wish.
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
