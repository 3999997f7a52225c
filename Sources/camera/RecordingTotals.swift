// SPDX-License-Identifier: MIT

internal import CameraKit

/// What a recording comes to, over all times that its camera was there.
struct RecordingTotals {
    /// A time when the camera was away.
    struct Interruption: Encodable {
        /// Frames that were recorded before it.
        let frames: Int
        /// How long the camera was waited for.
        let seconds: Double
    }

    /// The counts of the camera and the encoder.
    private(set) var statistics = Statistics(source: SourceStatistics(), encoders: [:])
    /// Pictures that were written.
    var frames: Int { statistics.encoders[Recorder.port]?.packetsWritten ?? 0 }
    /// The time that they take, without the camera's absences.
    private(set) var duration = Duration.zero
    /// The time from one frame to the next.
    private(set) var interval = Duration.zero
    /// The camera's absences.
    private(set) var interruptions: [Interruption] = []
    /// Returns of the camera since its last frame that came to nothing.
    var failedReturns = 0
    /// What the camera was called last, and what it gave.
    private(set) var camera = ""
    private(set) var size = ""
    private(set) var frameRate = ""

    /// Frames that the camera lost while it was not recorded.
    private var unrecordedLosses = SourceStatistics()

    /// Adds a camera's recording that has ended.
    ///
    /// - Parameters:
    ///   - camera: The camera.
    ///   - gate: What let its frames through.
    ///   - resize: The size that they were brought to.
    ///   - start: The camera's counts when the recording began.
    mutating func add(_ camera: Camera, _ gate: FrameGate, resize: Resolution?, since start: SourceStatistics) {
        let passed = gate.passed
        failedReturns = passed.frames > 0 ? 0 : failedReturns + 1
        statistics.add(camera.statistics)
        unrecordedLosses.framesLost += start.framesLost
        unrecordedLosses.framesDropped += start.framesDropped
        unrecordedLosses.framesDamaged += start.framesDamaged
        duration += passed.duration
        interval = camera.frameRate.interval
        self.camera = gate.name
        size = "\(resize ?? camera.resolution)"
        frameRate = "\(camera.frameRate)"
    }

    /// What was recorded and what was lost, for people.
    var text: String {
        let encoder = statistics.encoders[Recorder.port] ?? EncoderStatistics()
        let source = statistics.source
        let before = unrecordedLosses
        let losses = [
            (encoder.framesDropped + encoder.packetsDropped + source.framesDropped - before.framesDropped, "dropped"),
            (source.framesLost - before.framesLost, "lost by the camera's driver"),
            (encoder.framesDamaged + source.framesDamaged - before.framesDamaged, "damaged"),
        ]
        let lost = losses.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        let recorded =
            "\(Figures.frames(encoder.packetsWritten)), \(Figures.decimal(duration.inSeconds, places: 1)) s, "
            + Figures.bytes(encoder.bytesWritten)
        return recorded + "; " + (lost.isEmpty ? "none lost" : lost.joined(separator: ", "))
    }

    /// Adds an absence that is over.
    mutating func noteInterruption(lasting time: Duration) {
        statistics.source.interruptions += 1
        interruptions.append(Interruption(frames: frames, seconds: time.inSeconds))
    }
}
