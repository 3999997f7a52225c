// SPDX-License-Identifier: MIT

import CameraCore
import Testing

struct StatisticsTests {
    @Test func laterRunsAreAdded() {
        var first = Statistics(source: SourceStatistics(), encoders: [1: EncoderStatistics()])
        first.source.framesCaptured = 10
        first.source.framesLost = 2
        first.encoders[1]?.packetsWritten = 9
        first.encoders[1]?.framesDropped = 1
        first.encoders[1]?.packetQueueDepth = 4
        first.encoders[1]?.latency = LatencySummary(median: 5, p90: 9, p99: 20, maximum: 30)
        var second = first
        second.source.interruptions = 1
        second.encoders[1]?.packetQueueDepth = 0
        second.encoders[1]?.latency = LatencySummary(median: 6, p90: 8, p99: 21, maximum: 29)
        second.encoders[2] = EncoderStatistics()
        first.add(second)
        #expect(first.source.framesCaptured == 20)
        #expect(first.source.framesLost == 4)
        #expect(first.source.interruptions == 1)
        #expect(first.encoders[1]?.packetsWritten == 18)
        #expect(first.encoders[1]?.framesDropped == 2)
        #expect(first.encoders[1]?.packetQueueDepth == 0)
        #expect(first.encoders[1]?.latency == LatencySummary(median: 6, p90: 9, p99: 21, maximum: 30))
        #expect(first.encoders[2] == EncoderStatistics())
    }
}
