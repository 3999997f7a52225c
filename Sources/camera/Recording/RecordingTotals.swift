// SPDX-License-Identifier: MIT

internal import CameraKit

/// What a recording comes to.
struct RecordingTotals {
    private let statistics: Statistics

    /// Takes the counts of a camera whose frames began with the recording.
    init(_ statistics: Statistics) {
        self.statistics = statistics
    }

    /// What was recorded and what was lost, for people.
    var text: String {
        let encoder = statistics.encoders[Recorder.port] ?? EncoderStatistics()
        let source = statistics.source
        let losses = [
            (
                encoder.framesDropped + encoder.packetsDropped + source.framesNotCopied,
                "dropped"
            ),
            (source.framesLost, "lost by the camera"),
            (encoder.framesDamaged + source.framesDamaged, "damaged"),
        ]
        let lost = losses.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        let seconds = Double(encoder.timeWritten) / 1e6
        let recorded =
            "\(Figures.frames(encoder.packetsWritten)), \(Figures.decimal(seconds, places: 1)) s, "
            + Figures.bytes(encoder.bytesWritten)
        return recorded + "; " + (lost.isEmpty ? "none lost" : lost.joined(separator: ", "))
    }
}
