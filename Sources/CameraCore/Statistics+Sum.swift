// SPDX-License-Identifier: MIT

extension Statistics {
    /// Adds the counts of a later run of the same recording, as after a camera's return.
    ///
    /// Depths of queues become those of the later run, and times the larger of both: "at most this" stays true.
    public mutating func add(_ later: Statistics) {
        source.add(later.source)
        encoders.merge(later.encoders) { sum, next in
            var sum = sum
            sum.add(next)
            return sum
        }
    }
}

extension SourceStatistics {
    fileprivate mutating func add(_ later: SourceStatistics) {
        framesCaptured = framesCaptured.saturatingAdd(later.framesCaptured)
        framesUnused = framesUnused.saturatingAdd(later.framesUnused)
        framesLost = framesLost.saturatingAdd(later.framesLost)
        framesDamaged = framesDamaged.saturatingAdd(later.framesDamaged)
        framesCopied = framesCopied.saturatingAdd(later.framesCopied)
        framesDropped = framesDropped.saturatingAdd(later.framesDropped)
        stalls = stalls.saturatingAdd(later.stalls)
        interruptions = interruptions.saturatingAdd(later.interruptions)
    }
}

extension EncoderStatistics {
    fileprivate mutating func add(_ later: EncoderStatistics) {
        framesReceived = framesReceived.saturatingAdd(later.framesReceived)
        framesDropped = framesDropped.saturatingAdd(later.framesDropped)
        framesDamaged = framesDamaged.saturatingAdd(later.framesDamaged)
        framesDamagedByKind.merge(later.framesDamagedByKind) { $0.saturatingAdd($1) }
        packetsDropped = packetsDropped.saturatingAdd(later.packetsDropped)
        packetsWritten = packetsWritten.saturatingAdd(later.packetsWritten)
        keyFrames = keyFrames.saturatingAdd(later.keyFrames)
        bytesWritten = bytesWritten.saturatingAdd(later.bytesWritten)
        timestampsCorrected = timestampsCorrected.saturatingAdd(later.timestampsCorrected)
        clockRestarts = clockRestarts.saturatingAdd(later.clockRestarts)
        splits = splits.saturatingAdd(later.splits)
        lateCuts = lateCuts.saturatingAdd(later.lateCuts)
        frameQueueDepth = later.frameQueueDepth
        packetQueueDepth = later.packetQueueDepth
        packetQueueBytes = later.packetQueueBytes
        latency.widen(to: later.latency)
        encodeTime.widen(to: later.encodeTime)
    }
}

extension LatencySummary {
    fileprivate mutating func widen(to other: LatencySummary) {
        median = max(median, other.median)
        p90 = max(p90, other.p90)
        p99 = max(p99, other.p99)
        maximum = max(maximum, other.maximum)
    }
}
