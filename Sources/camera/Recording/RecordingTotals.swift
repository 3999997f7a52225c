// SPDX-License-Identifier: MIT

internal import CameraKit

/// What a recording comes to.
struct RecordingTotals {
    private let statistics: Statistics
    private let before: SourceStatistics

    /// Takes the counts of a recording.
    ///
    /// - Parameters:
    ///   - statistics: The camera's counts at its end.
    ///   - before: Those when it began: what was lost until then was not to be recorded.
    init(_ statistics: Statistics, since before: SourceStatistics) {
        self.statistics = statistics
        self.before = before
    }

    /// What was recorded and what was lost, for people.
    var text: String {
        let encoder = statistics.encoders[Recorder.port] ?? EncoderStatistics()
        let source = statistics.source
        let losses = [
            (
                encoder.framesDropped + encoder.packetsDropped + source.framesNotCopied - before.framesNotCopied,
                "dropped"
            ),
            (source.framesLost - before.framesLost, "lost by the camera's driver"),
            (encoder.framesDamaged + source.framesDamaged - before.framesDamaged, "damaged"),
        ]
        let lost = losses.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        let seconds = Double(encoder.timeWritten) / 1e6
        let recorded =
            "\(Figures.frames(encoder.packetsWritten)), \(Figures.decimal(seconds, places: 1)) s, "
            + Figures.bytes(encoder.bytesWritten)
        return recorded + "; " + (lost.isEmpty ? "none lost" : lost.joined(separator: ", "))
    }
}
