// SPDX-License-Identifier: MIT

/// The counts of frames and packets, of the camera and of each encoder.
///
/// Every lost frame is counted: for each encoder, once it has stopped, `framesReceived` is the sum of `packetsWritten`,
/// `framesDropped`, `framesDamaged` and `packetsDropped`.
public struct Statistics: Hashable, Sendable, Codable {
    /// The camera's counts.
    public var source: SourceStatistics
    /// Each encoder's counts, by splitter port.
    public var encoders: [Int: EncoderStatistics]

    /// Makes statistics from the counts of a camera and its encoders.
    public init(source: SourceStatistics, encoders: [Int: EncoderStatistics]) {
        self.source = source
        self.encoders = encoders
    }
}

/// The counts of frames between the device and the encoders.
public struct SourceStatistics: Hashable, Sendable, Codable {
    /// Frames that arrived from the device.
    public var framesCaptured = 0
    /// Captured frames that no encoder and no other consumer took.
    public var framesUnused = 0
    /// Frames that the driver or the bus lost, by the gaps in the driver's frame numbers.
    public var framesLost = 0
    /// Frames that arrived damaged and were left out.
    public var framesDamaged = 0
    /// Frames copied because the device had too few buffers left to lend one.
    public var framesCopied = 0
    /// Frames left out because the device had too few buffers left and the memory for copies was used up.
    public var framesNotCopied = 0
    /// How often no frame came for as long as the stall limit.
    public var stalls = 0
    /// How often the camera went away and came back while a recording waited for it.
    public var interruptions = 0

    /// Makes counts of zero.
    public init() {}
}

/// The counts and times of one encoder.
public struct EncoderStatistics: Hashable, Sendable, Codable {
    /// The encoder's name: "libx264", "bcm2835-codec (/dev/video11)"; nil for raw formats.
    public var codec: String?
    /// The profile that the stream of H.264 or H.265 has, in ffprobe's words: "Constrained Baseline", "Main", "High".
    ///
    /// Nil for other formats, and until a camera that compresses by itself has sent its parameter sets.
    public var profile: String?
    /// Frames that the camera offered while the encoder was recording.
    public var framesReceived = 0
    /// Frames dropped before encoding, because the encoder or its output was too slow or the memory for copies was used up,
    /// and frames of a camera's own H.264 that cannot be decoded, since they come before a key frame.
    public var framesDropped = 0
    /// Compressed frames that could not be decoded and were left out.
    public var framesDamaged = 0
    /// ``framesDamaged`` by the kind of fault (``PictureFault/Kind``).
    public var framesDamagedByKind: [String: Int] = [:]
    /// Frames that were lost after they entered the encoder.
    ///
    /// These are frames that a hardware encoder lost, and those that were in the encoder, or packets in its queue, when
    /// it failed or was abandoned.
    public var packetsDropped = 0
    /// Pictures handed to the outputs.
    public var packetsWritten = 0
    /// Key frames handed to the outputs.
    public var keyFrames = 0
    /// Bytes handed to the main output.
    public var bytesWritten = 0
    /// The playing time from the first picture written to the end of the last, in microseconds.
    public var timeWritten = 0
    /// Frames whose timestamp was replaced by one after the previous frame's.
    ///
    /// The camera's time repeated, went back, or jumped.
    public var timestampsCorrected = 0
    /// How often the camera's clock restarted or jumped for good; the recording went on one frame later.
    public var clockRestarts = 0
    /// Switches to a new output.
    public var splits = 0
    /// Switches of a splitting rule that came late because the next file was not open in time.
    public var lateCuts = 0
    /// Frames that wait for the encoder now.
    public var frameQueueDepth = 0
    /// Packets that wait for the outputs now.
    public var packetQueueDepth = 0
    /// Bytes of the packets that wait for the outputs now.
    public var packetQueueBytes = 0
    /// The times from the exposure to the end of the write, in microseconds.
    ///
    /// For sources that wait, such as files, the times begin when the frame arrives.
    public var latency = LatencySummary()
    /// The times from taking a frame from the queue to the end of its encoding, in microseconds.
    public var encodeTime = LatencySummary()

    /// Makes counts of zero.
    public init() {}
}

/// A distribution of times, in microseconds.
public struct LatencySummary: Hashable, Sendable, Codable {
    /// Half of the times are at most this.
    public var median = 0
    /// Nine of ten are at most this.
    public var p90 = 0
    /// Ninety-nine of a hundred are at most this.
    public var p99 = 0
    /// The longest.
    public var maximum = 0

    /// Makes an empty distribution.
    public init() {}

    /// Describes a distribution.
    public init(median: Int, p90: Int, p99: Int, maximum: Int) {
        self.median = median
        self.p90 = p90
        self.p99 = p99
        self.maximum = maximum
    }
}
