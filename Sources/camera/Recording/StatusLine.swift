// SPDX-License-Identifier: MIT

internal import CameraKit

/// The line about a running recording: time, rate, bit rate, size and drops.
struct StatusLine {
    private var time = Timestamp.now
    private var frames = 0
    private var bytes = 0

    /// The line for the present moment; rates are those since the last line.
    mutating func text(_ statistics: Statistics, _ encoder: EncoderStatistics) -> String {
        let now = Timestamp.now
        let seconds = max((now - time).inSeconds, 1e-3)
        let rate = Double(encoder.packetsWritten - frames) / seconds
        let bitRate = Double(encoder.bytesWritten - bytes) * 8 / seconds
        (time, frames, bytes) = (now, encoder.packetsWritten, encoder.bytesWritten)
        let source = statistics.source
        let drops = encoder.framesDropped + encoder.packetsDropped + source.framesLost + source.framesNotCopied
        return [
            Figures.clock(.microseconds(encoder.timeWritten)), "\(Figures.decimal(rate, places: 1)) fps",
            Figures.bitRate(bitRate),
            Figures.bytes(bytes), "\(drops) dropped",
        ].joined(separator: "  ")
    }
}
