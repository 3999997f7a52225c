// SPDX-License-Identifier: MIT

import CameraCore
import Testing

/// Profiles in parameter sets; real streams are judged by ffprobe elsewhere.
@Suite struct StreamProfileTests {
    @Test(
        arguments: [
            (66, 0x00, "Baseline"), (66, 0x40, "Constrained Baseline"), (77, 0x40, "Main"), (88, 0, "Extended"),
            (100, 0, "High"), (244, 0, "High 4:4:4 Predictive"), (12, 0, nil),
        ] as [(UInt8, UInt8, String?)])
    func ofH264(idc: UInt8, flags: UInt8, expected: String?) {
        let pictureSet: [UInt8] = [0, 0, 1, 0x68, 0xCE]
        for start in [[0, 0, 1], [0, 0, 0, 1]] as [[UInt8]] {
            let set = start + [0x67, idc, flags, 31]
            #expect(StreamProfile.name(in: set + pictureSet, of: .h264) == expected)
            #expect(StreamProfile.name(in: pictureSet + set, of: .h264) == expected)
        }
    }

    @Test func ofH265() {
        let set: [UInt8] = [0, 0, 0, 1, 0x40, 1, 0x0C, 1, 0, 0, 0, 1, 0x42, 1, 1, 0x01, 0x60]
        #expect(StreamProfile.name(in: set, of: .h265) == "Main")
        #expect(StreamProfile.name(in: set, of: .mjpeg) == nil)
    }

    /// Whatever is cut off or is none has no name, and does no harm.
    @Test func ofWhatIsNone() {
        let set: [UInt8] = [0, 0, 0, 1, 0x67, 100, 0, 31]
        for count in 0..<set.count { #expect(StreamProfile.name(in: Array(set[..<count]), of: .h264) == nil) }
        for format in [MediaFormat.h264, .h265] {
            #expect(StreamProfile.name(in: [0, 0, 1], of: format) == nil)
            #expect(StreamProfile.name(in: [0, 0, 1, 0, 0, 1, 0, 0, 1], of: format) == nil)
            #expect(StreamProfile.name(in: Array(repeating: 0xFF, count: 100), of: format) == nil)
        }
    }
}
