// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraOutputs

/// What an encoder is made with: its camera, format, size and options.
public struct EncoderConfiguration: Sendable {
    /// What the camera's encoders share; `Camera.encoderParent` of the camera.
    public var parent: EncoderParent
    /// The splitter port, by which the camera tells its encoders apart.
    public var splitterPort: Int
    /// The camera's stream to encode, 0 for the main one.
    public var stream: Int
    /// The format to write.
    public var format: MediaFormat
    /// The size to scale to; nil for the camera's own.
    public var resize: Resolution?
    /// Bit rate, quality and the rest.
    public var options: EncoderOptions
    /// The number of pictures after which a recording ends by itself; nil for no limit.
    public var frameLimit: Int?
    /// The time after which a recording ends by itself, by the camera's clock from its first frame on; nil for no limit.
    public var durationLimit: Duration?
    /// What happens to a recording when its camera goes away.
    public var onDisconnect = OnDisconnect.fail
    /// Frames with an earlier time are left out; nil to begin with the next one.
    package var notBefore: Timestamp?
    /// When files that the encoder opens go to the disk.
    public var sync = SyncPolicy.none
    /// Keeps room on the disk for the files that the encoder opens.
    package var keeper: (any DiskKeeper)?
    /// The most bytes of packets that may wait for the outputs, 64 MB by default; for a source that can wait 4 MB at most.
    public var packetQueueBytes = 64 << 20
    /// The longest time of video that may wait for the outputs, 10 seconds by default.
    public var packetQueueDuration = Duration.seconds(10)

    /// Describes an encoder.
    public init(
        parent: EncoderParent, splitterPort: Int, format: MediaFormat, stream: Int = 0, resize: Resolution? = nil,
        options: EncoderOptions = EncoderOptions()
    ) {
        self.parent = parent
        self.splitterPort = splitterPort
        self.stream = stream
        self.format = format
        self.resize = resize
        self.options = options
    }
}
