// SPDX-License-Identifier: MIT

internal import CameraKit

/// The line about a running recording: time, rate, bit rate, size and drops, and the time left where the length is known.
struct StatusLine {
    private let length: Duration?
    private let start = Timestamp.now
    private var time = Timestamp.now
    private var frames = 0
    private var bytes = 0

    /// Begins with a recording.
    ///
    /// - Parameter length: How long it will be; nil where that is not known.
    init(length: Duration? = nil) { self.length = length }

    /// The line for the present moment; rates are those since the last line.
    mutating func text(_ statistics: Statistics, _ encoder: EncoderStatistics) -> String {
        let now = Timestamp.now
        let seconds = max((now - time).inSeconds, 1e-3)
        let rate = Double(encoder.packetsWritten - frames) / seconds
        let bitRate = Double(encoder.bytesWritten - bytes) * 8 / seconds
        (time, frames, bytes) = (now, encoder.packetsWritten, encoder.bytesWritten)
        let source = statistics.source
        let drops = encoder.framesDropped + encoder.packetsDropped + source.framesLost + source.framesNotCopied
        let recorded = Duration.microseconds(encoder.timeWritten)
        var parts = [
            Figures.clock(recorded), "\(Figures.decimal(rate, places: 1)) fps", Figures.bitRate(bitRate),
            Figures.bytes(bytes), "\(drops) dropped",
        ]
        if let left = timeLeft(after: recorded, now) { parts.append("\(Figures.clock(left)) left") }
        return parts.joined(separator: "  ")
    }

    /// How long it will take still, at the speed that the recording had until now: a file need not go at its own rate.
    private func timeLeft(after recorded: Duration, _ now: Timestamp) -> Duration? {
        guard let length, recorded > .zero, recorded < length else { return nil }
        let speed = recorded.inSeconds / max((now - start).inSeconds, 1e-3)
        return .seconds((length - recorded).inSeconds / speed)
    }
}
