// SPDX-License-Identifier: MIT

internal import CameraCore

/// Counts and times of one session.
struct Meter {
    private var counts = EncoderStatistics()
    private var written = FileAccount()
    private let interval: Duration
    private var latency = LatencyHistogram()
    private var encodeTime = LatencyHistogram()
    /// Frames that the codec gave an account of: a picture, or that it lost them.
    private(set) var framesOut = 0
    /// Bytes that the codec gave since the last frame that begins a file came out of it.
    private var bytesSinceCut = 0
    /// Frames in the codec that begin a file.
    private var cutsInCodec = 0
    /// Bytes that the codec gave since the last cut; none while the frame of that is in the codec.
    var bytesInFile: Int { cutsInCodec > 0 ? 0 : bytesSinceCut }

    /// Begins to count.
    ///
    /// - Parameter interval: The nominal time of a picture.
    init(interval: Duration) {
        self.interval = interval
    }

    var statistics: EncoderStatistics {
        var statistics = counts
        statistics.timeWritten = Int(written.duration(interval).nanoseconds / 1000)
        statistics.latency = latency.summary
        statistics.encodeTime = encodeTime.summary
        return statistics
    }

    /// Notes that a frame that begins a file goes into the codec.
    mutating func noteCut() { cutsInCodec += 1 }

    mutating func noteEncoded(_ byteCount: Int, startsFile: Bool, time: Duration) {
        framesOut += 1
        if startsFile { cutsInCodec -= 1 }
        bytesSinceCut = byteCount + (startsFile ? 0 : bytesSinceCut)
        encodeTime.record(time)
    }

    mutating func noteWritten(_ info: PacketInfo, byteCount: Int, latency time: Duration) {
        counts.packetsWritten += 1
        counts.bytesWritten += byteCount
        written.add(info, byteCount: byteCount)
        if info.isKeyFrame { counts.keyFrames += 1 }
        latency.record(time)
    }

    mutating func noteLost(_ count: Int) { counts.packetsDropped += count }

    /// Frames that could not be decoded since another was missing.
    var dropped: Int { counts.framesDropped }

    /// Frames that the codec took and that no output got.
    var lost: Int { counts.packetsDropped }

    mutating func noteDropped() { counts.framesDropped += 1 }

    mutating func noteLostByCodec(startsFile: Bool) {
        framesOut += 1
        if startsFile { cutsInCodec -= 1 }
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
}
