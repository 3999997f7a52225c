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
        framesCaptured += later.framesCaptured
        framesUnused += later.framesUnused
        framesLost += later.framesLost
        framesDamaged += later.framesDamaged
        framesCopied += later.framesCopied
        framesDropped += later.framesDropped
        stalls += later.stalls
        interruptions += later.interruptions
    }
}

extension EncoderStatistics {
    fileprivate mutating func add(_ later: EncoderStatistics) {
        framesReceived += later.framesReceived
        framesDropped += later.framesDropped
        framesDamaged += later.framesDamaged
        framesDamagedByKind.merge(later.framesDamagedByKind, uniquingKeysWith: +)
        packetsDropped += later.packetsDropped
        packetsWritten += later.packetsWritten
        keyFrames += later.keyFrames
        bytesWritten += later.bytesWritten
        timestampsCorrected += later.timestampsCorrected
        splits += later.splits
        lateCuts += later.lateCuts
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
