// SPDX-License-Identifier: MIT

import CameraCore
import CameraOutputs
import TestSupport
import Testing

@Suite struct MetadataOutputTests {
    @Test func writesALineForEachPicture() throws {
        let sink = MemoryOutput()
        let output = try MetadataOutput(to: .output(sink))
        try output.begin(Pictures.stream())
        var info = Pictures.info(3, at: .milliseconds(33), headerByteCount: 2)
        // 2024-02-29 23:59:59.000001999 UTC
        info.wallTime = WallTime(nanosecondsSince1970: 1_709_251_199_000_001_999)
        try output.put("picture", info)
        var metadata = FrameMetadata()
        metadata.exposureTime = .microseconds(8_333)
        metadata.analogGain = 1.5
        metadata.digitalGain = .infinity
        metadata.awbGains = AWBGains(red: 1.25, blue: 2)
        metadata.colorTemperature = 5600
        info = Pictures.info(5, .predicted, at: .seconds(-1))
        info.metadata = metadata
        try output.put("more", info)
        try output.close()
        #expect(
            text(sink.data) == """
                {"index":3,"type":"key","keyFrame":true,"timestamp":0.033000000,\
                "wallTime":"2024-02-29T23:59:59.000001Z","size":7,"headerSize":2,"offset":0}
                {"index":5,"type":"predicted","keyFrame":false,"timestamp":-1.000000000,\
                "wallTime":"1970-01-01T00:00:00.000000Z","size":4,"headerSize":0,"offset":7,\
                "exposureTime":0.008333000,"analogGain":1.5,"redGain":1.25,"blueGain":2.0,"colorTemperature":5600}

                """)
    }
}
