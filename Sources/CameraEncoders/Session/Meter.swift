// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Histogram

/// Counts and times of one session.
struct Meter {
    private var counts = EncoderStatistics()
    private var written = FileAccount()
    private let interval: Duration
    private var latency = Histogram<UInt32>(highestTrackableValue: longest, numberOfSignificantValueDigits: .two)
    private var encodeTime = Histogram<UInt32>(highestTrackableValue: longest, numberOfSignificantValueDigits: .two)
    /// Frames that the codec gave an account of: a picture, or that it lost them.
    private(set) var answered = 0
    /// Bytes that the codec gave since the last cut.
    private(set) var bytesInFile = 0

    /// A minute in microseconds; longer times count as that.
    private static let longest: UInt64 = 60_000_000

    /// Begins to count.
    ///
    /// - Parameter interval: The nominal time of a picture.
    init(interval: Duration) {
        self.interval = interval
    }

    var statistics: EncoderStatistics {
        var statistics = counts
        statistics.timeWritten = Int(written.duration(interval).nanoseconds / 1000)
        statistics.latency = LatencySummary(latency)
        statistics.encodeTime = LatencySummary(encodeTime)
        return statistics
    }

    mutating func noteEncoded(_ byteCount: Int, startsFile: Bool, time: Duration) {
        answered += 1
        bytesInFile = byteCount + (startsFile ? 0 : bytesInFile)
        encodeTime.record(Self.microseconds(time))
    }

    mutating func noteWritten(_ info: PacketInfo, byteCount: Int, latency time: Duration) {
        counts.packetsWritten += 1
        counts.bytesWritten += byteCount
        written.add(info, byteCount: byteCount)
        if info.isKeyFrame { counts.keyFrames += 1 }
        latency.record(Self.microseconds(time))
    }

    mutating func noteLost(_ count: Int) { counts.packetsDropped += count }

    /// Frames that could not be decoded since another was missing.
    var dropped: Int { counts.framesDropped }

    /// Frames that the codec took and that no output got.
    var lost: Int { counts.packetsDropped }

    mutating func noteDropped() { counts.framesDropped += 1 }

    mutating func noteLostByCodec() {
        answered += 1
        noteLost(1)
    }

    mutating func noteDamaged(_ kind: PictureFault.Kind) {
        counts.framesDamaged += 1
        counts.framesDamagedByKind[kind.rawValue, default: 0] += 1
    }

    mutating func noteSplit() { counts.splits += 1 }

    mutating func noteLateCut() { counts.lateCuts += 1 }

    mutating func note(_ reading: SteadyClock.Reading) {
        if reading.isCorrected { counts.timestampsCorrected += 1 }
        if reading.hasRestarted { counts.clockRestarts += 1 }
    }

    private static func microseconds(_ time: Duration) -> UInt64 {
        min(UInt64(max(time.nanoseconds, 0)) / 1000, longest)
    }
}

extension LatencySummary {
    fileprivate init(_ histogram: Histogram<UInt32>) {
        self.init(
            median: Int(histogram.valueAtPercentile(50)), p90: Int(histogram.valueAtPercentile(90)),
            p99: Int(histogram.valueAtPercentile(99)), maximum: Int(histogram.maxRecorded))
    }
}
