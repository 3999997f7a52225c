// SPDX-License-Identifier: MIT

/// What became of every frame: of the camera, and of each encoder by its splitter port.
///
/// Nothing is lost uncounted: for each encoder, once it has stopped, `framesReceived` is the sum of `packetsWritten`,
/// `framesDropped`, `framesDamaged` and `packetsDropped`.
public struct Statistics: Hashable, Sendable, Codable {
    /// The camera's counts.
    public var source: SourceStatistics
    /// Each encoder's counts, by splitter port.
    public var encoders: [Int: EncoderStatistics]

    /// Puts counts together.
    public init(source: SourceStatistics, encoders: [Int: EncoderStatistics]) {
        self.source = source
        self.encoders = encoders
    }
}

/// What became of the frames between the device and the encoders.
public struct SourceStatistics: Hashable, Sendable, Codable {
    /// Frames that arrived from the device.
    public var framesCaptured = 0
    /// Frames among them that came while nobody was taking any.
    public var framesUnused = 0
    /// Gaps in the driver's count: frames that the driver or the bus lost.
    public var framesLost = 0
    /// Frames that arrived damaged and were left out.
    public var framesDamaged = 0
    /// Frames copied because the device had too few buffers left to lend one.
    public var framesCopied = 0
    /// Frames left out because, on top of that, the memory for copies was used up.
    public var framesNotCopied = 0
    /// Times when no frame came for as long as the stall limit.
    public var stalls = 0
    /// Times when the camera went away and came back, while a recording waited for it.
    public var interruptions = 0

    /// Makes counts of zero.
    public init() {}
}

/// What became of the frames of one encoder.
public struct EncoderStatistics: Hashable, Sendable, Codable {
    /// What makes the packets: "libx264", "bcm2835-codec (/dev/video11)"; nil for raw formats.
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
    /// The same by ``PictureFault/Kind``: what was wrong with them.
    public var framesDamagedByKind: [String: Int] = [:]
    /// Frames that a hardware encoder lost, and those that were in the encoder, or packets in its queue, when it failed or
    /// was abandoned.
    public var packetsDropped = 0
    /// Pictures handed to the outputs.
    public var packetsWritten = 0
    /// Key frames among them.
    public var keyFrames = 0
    /// Bytes handed to the main output.
    public var bytesWritten = 0
    /// From the first picture to the end of the last, as they are played, in microseconds.
    public var timeWritten = 0
    /// Frames whose time repeated, slipped back or was out of line, and was put behind that of the frame before.
    public var timestampsCorrected = 0
    /// Times that the camera's clock restarted, or jumped for good, and the recording went on one frame later.
    public var clockRestarts = 0
    /// Switches to a new output.
    public var splits = 0
    /// Switches that a rule wanted earlier, but the next file was not open in time.
    public var lateCuts = 0
    /// Frames that wait for the encoder now.
    public var frameQueueDepth = 0
    /// Packets that wait for the outputs now.
    public var packetQueueDepth = 0
    /// Bytes of these packets.
    public var packetQueueBytes = 0
    /// From the device's time to the end of the write, in microseconds.
    public var latency = LatencySummary()
    /// From taking a frame to the end of its encoding, in microseconds.
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
