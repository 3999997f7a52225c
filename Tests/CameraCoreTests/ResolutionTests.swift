// SPDX-License-Identifier: MIT

import CameraCore
import Testing

@Suite struct ResolutionTests {
    @Test(arguments: [
        ("1280x720", Resolution(1280, 720)), ("1280 x 720", .hd720p), ("720p", .hd720p), ("VGA", .vga),
        ("fhd", .hd1080p), ("1x1", Resolution(1, 1)),
    ])
    func parses(text: String, expected: Resolution) throws {
        #expect(try Resolution(parsing: text) == expected)
    }

    @Test(arguments: ["", "x", "12", "0x0", "-1x5", "20000x20000", "1280x720x3", "axb", "9999999999999999999x1"])
    func refuses(text: String) {
        let error = #expect(throws: CameraError.self) { try Resolution(parsing: text) }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("'\(text)'") == true)
    }
}
