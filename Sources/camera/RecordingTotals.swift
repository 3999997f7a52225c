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

    /// Adds a camera's recording that has ended.
    mutating func add(_ camera: Camera, _ gate: FrameGate, resize: Resolution?) {
        let passed = gate.passed
        failedReturns = passed.frames > 0 ? 0 : failedReturns + 1
        statistics.add(camera.statistics)
        duration += passed.duration
        interval = camera.frameRate.interval
        self.camera = gate.name
        size = "\(resize ?? camera.resolution)"
        frameRate = "\(camera.frameRate)"
    }

    /// Adds an absence that is over.
    mutating func noteInterruption(lasting time: Duration) {
        statistics.source.interruptions += 1
        interruptions.append(Interruption(frames: frames, seconds: time.inSeconds))
    }
}
