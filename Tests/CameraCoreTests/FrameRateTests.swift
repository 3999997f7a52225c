// SPDX-License-Identifier: MIT

import CameraCore
import Testing

@Suite struct FrameRateTests {
    @Test(arguments: [
        ("30", FrameRate(30)), ("29.97", FrameRate(30000, 1001)), ("30000/1001", FrameRate(30000, 1001)),
        ("25.0", FrameRate(25)), ("0.5", FrameRate(1, 2)), ("1/60", FrameRate(1, 60)),
        ("59.94", FrameRate(60000, 1001)),
        ("12.5", FrameRate(25, 2)), ("60/2", FrameRate(30)),
    ])
    func parses(text: String, expected: FrameRate) throws {
        #expect(try FrameRate(parsing: text) == expected)
    }

    @Test(arguments: [
        "", "0", "-1", "1000000", "1001", "abc", "30/0", "0/1", "1/99999999999", "nan", "inf", "1e300", "30/", "/1",
        "9223372036854775807/1", "1/9223372036854775807", "-30/-1", "-9223372036854775808/-9223372036854775808",
        "1/86401",
    ])
    func refuses(text: String) {
        let error = #expect(throws: CameraError.self) { try FrameRate(parsing: text) }
        #expect(error?.code == .invalidValue)
    }
}
