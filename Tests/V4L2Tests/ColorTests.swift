// SPDX-License-Identifier: MIT

import CameraCore
import TestSupport
import Testing
import V4L2

/// Colours as drivers describe them.
struct ColorTests {
    /// V4L2's numbers and what they stand for, from the tables of the kernel's "Colorspaces" pages and of ITU-T H.273.
    static let cases: [(PixelFormat, (UInt32, UInt32, UInt32, UInt32), ColorSpace)] = [
        // A webcam: sRGB, the rest by default, so the curve of sRGB, BT.601, limited range.
        (.yuyv, (8, 0, 0, 0), ColorSpace(primaries: .bt709, transfer: .sRGB, matrix: .bt601, range: .limited)),
        (.yuyv, (0, 0, 0, 0), ColorSpace(primaries: .bt709, transfer: .sRGB, matrix: .bt601, range: .limited)),
        (.yuyv, (1, 0, 0, 0), .bt601),
        (.nv12, (3, 0, 0, 0), .bt709),
        (.nv12, (3, 0, 0, 1), ColorSpace(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .full)),
        (.nv12, (7, 0, 0, 0), .jpeg),
        (.yuv420, (3, 0, 1, 0), ColorSpace(primaries: .bt709, transfer: .bt709, matrix: .bt601, range: .limited)),
        (.nv12, (10, 0, 0, 0), ColorSpace(primaries: .bt2020, transfer: .bt709, matrix: .bt2020, range: .limited)),
        (.rgb24, (8, 0, 0, 0), .sRGB),
        (.bgr24, (8, 0, 0, 2), ColorSpace(primaries: .bt709, transfer: .sRGB, matrix: .rgb, range: .limited)),
        (.mjpeg, (8, 0, 0, 0), .jpeg),
        (
            .yuyv, (250, 250, 250, 0),
            ColorSpace(primaries: .unspecified, transfer: .unspecified, matrix: .unspecified, range: .limited)
        ),
    ]

    @Test(arguments: cases) func aDriversNumbersBecomeAColorSpace(
        format: PixelFormat, numbers: (UInt32, UInt32, UInt32, UInt32), expected: ColorSpace
    ) throws {
        var description = ScriptedDriver.Description()
        description.formats = [.init(format, [Resolution(32, 16)], [30])]
        description.color = numbers
        let device = try VideoDevice("/dev/video0", calls: ScriptedDriver(description).calls)
        #expect(try device.format(of: .videoCapture).color == expected)
    }
}
