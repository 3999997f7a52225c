// SPDX-License-Identifier: MIT

import CameraCore
import TestSupport
import Testing

@Suite struct FileNameTests {
    /// Any bytes are kept, also those of code points that stand for bytes, and no two names become one.
    @Test func bytesComeBackAsTheyWere() {
        var random = SeededRandom(seed: 16)
        var seen: [String: [UInt8]] = [:]
        for _ in 0..<5000 {
            let pieces: [[UInt8]] = [
                [UInt8.random(in: 1...255, using: &random)], Array("ä".utf8), Array("a\u{308}".utf8),
                Array("\u{10FF84}".utf8), Array("\u{10FFFF}".utf8), [0xE4], [0xF4, 0x8F], [0xED, 0xA0, 0x80], [0x80],
            ]
            let bytes = (0..<4).flatMap { _ in pieces.randomElement(using: &random) ?? [] }
            let name = String(fileName: bytes)
            #expect(name.fileNameBytes == bytes)
            name.withFileName { #expect(String(cFileName: $0) == name) }
            // Swift takes composed and decomposed letters for the same text.
            if let other = seen.updateValue(
                bytes, forKey: name.unicodeScalars.map { "\($0.value)" }.joined(separator: " "))
            {
                #expect(other == bytes)
            }
        }
    }

    @Test func ordinaryNamesStayAsTheyAre() {
        for name in ["clip.h264", "Tür.jpg", "写真-{counter}.jpg", "😀"] {
            #expect(String(fileName: Array(name.utf8)) == name)
            #expect(name.shown == name)
        }
        #expect(String(fileName: [0x61, 0xE4, 0x2E]).shown == "a\\xE4.")
    }
}
