// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraEncoders
public import CameraOutputs

/// What to record, for `startRecordings(_:)` of ``Camera``.
public struct RecordingRequest: Sendable {
    /// A path, a template where `splitting` is given, or an output of the user's.
    public var output: OutputTarget
    /// The format; nil for the one that the file's name tells.
    public var format: MediaFormat?
    /// The camera's stream to record, 0 for the main one.
    public var stream: Int
    /// The size to scale to; nil for the camera's own.
    public var resize: Resolution?
    /// The port that tells recordings of a camera apart.
    public var splitterPort: Int
    /// When to go on in the next file.
    public var splitting: SplitRule?
    /// How much of the files is kept, where `splitting` is given; nil to keep all.
    ///
    /// The names of files beside the pictures must then have the places that `output` has, with the same patterns of times.
    public var retention: Retention?
    /// Whether `retention` leaves a file alone, by its path; nil where it does with none.
    ///
    /// Called by a thread of the recording's, which looks through the files; must not wait. A file that is left counts for the
    /// bounds all the same, other than for that of age.
    public var keepsFile: (@Sendable (String) -> Bool)?
    /// The number of the first file of `splitting`, from which on existing files are replaced; nil to start after the highest
    /// existing number, so that nothing is replaced.
    public var firstCounter: Int?
    /// Gives the files their places, where files that are not the recording's share the series.
    package var series: FileSeries?
    /// The number of pictures after which the recording ends by itself, 1 or more; nil for no limit.
    ///
    /// Frames that are dropped or cannot be decoded do not count.
    public var frameLimit: Int?
    /// The time after which the recording ends by itself, by the camera's clock from its first frame on; nil for no limit.
    public var durationLimit: Duration?
    /// What happens to the recording when its camera goes away; with ``OnDisconnect/wait``, `output` must be a template.
    public var onDisconnect = OnDisconnect.fail
    /// When the files that the recording opens go to the disk.
    public var sync: SyncPolicy
    /// The output for motion vectors, with a record for each picture as ``MotionField`` describes it.
    ///
    /// With `splitting` a template, or the name of one file for the whole recording.
    public var motionOutput: OutputTarget?
    /// The output for what is known about each picture, such as a ``PTSOutput``; it is handed each picture once more.
    ///
    /// A path, or a template like that of `motionOutput`, becomes a ``MetadataOutput``.
    public var metadataOutput: OutputTarget?
    /// The output for the pictures' times, in a format of mkvmerge.
    ///
    /// A path, or a template like that of `motionOutput`, becomes a ``PTSOutput``.
    public var timesOutput: OutputTarget?
    /// Bit rate, quality and the rest.
    public var options: EncoderOptions
    /// Makes the encoder; nil for the one that fits the format.
    public var encoder: (@Sendable (EncoderConfiguration) throws -> VideoEncoder)?

    /// Describes a recording.
    public init(
        to output: OutputTarget, format: MediaFormat? = nil, stream: Int = 0, resize: Resolution? = nil,
        splitterPort: Int = 1, splitting: SplitRule? = nil, sync: SyncPolicy = .none, motionOutput: OutputTarget? = nil,
        metadataOutput: OutputTarget? = nil, options: EncoderOptions = EncoderOptions(),
        encoder: (@Sendable (EncoderConfiguration) throws -> VideoEncoder)? = nil
    ) {
        self.output = output
        self.format = format
        self.stream = stream
        self.resize = resize
        self.splitterPort = splitterPort
        self.splitting = splitting
        self.sync = sync
        self.motionOutput = motionOutput
        self.metadataOutput = metadataOutput
        self.options = options
        self.encoder = encoder
    }
}

extension RecordingRequest {
    /// Throws for limits that no recording can have.
    func checkLimits() throws(CameraError) {
        let operation = "starting the recording"
        if let limit = frameLimit, limit < 1 {
            throw CameraError(
                .invalidValue, operation, subject: "frameLimit \(limit)",
                reason: "it cannot end after fewer than 1 picture")
        }
        if let limit = durationLimit, limit <= .zero {
            throw CameraError(
                .invalidValue, operation, subject: "durationLimit \(limit)", reason: "it must be longer than 0")
        }
    }

    /// All outputs, by what they receive.
    var outputs: [OutputKey: OutputTarget] {
        [.frame: output, .motion: motionOutput, .metadata: metadataOutput, .times: timesOutput].compactMapValues(\.self)
    }
}
