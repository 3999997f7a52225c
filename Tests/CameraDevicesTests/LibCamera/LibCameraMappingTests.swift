// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Testing

/// What libcamera's numbers mean.
struct LibCameraMappingTests {
    /// DRM's codes, as the kernel's drm_fourcc.h has them.
    @Test(
        arguments: [
            (PixelFormat.nv12, "NV12", 0), (.yuv420, "YU12", 0), (.yuv422, "YU16", 0), (.yuyv, "YUYV", 0),
            (.grey, "R8  ", 0), (.rgb24, "BG24", 0), (.bgr24, "RG24", 0), (.rgba, "AB24", 0), (.bgra, "AR24", 0),
            (.mjpeg, "MJPG", 0), (PixelFormat(fourCC: "BA81"), "BA81", 0), (PixelFormat(fourCC: "RG10"), "RG10", 0),
            (PixelFormat(fourCC: "pRAA"), "RG10", 0x0B00_0000_0000_0001),
            (PixelFormat(fourCC: "pgCC"), "BA12", 0x0B00_0000_0000_0001),
            (PixelFormat(fourCC: "GR14"), "BA14", 0), (PixelFormat(fourCC: "RG16"), "RGB6", 0),
        ] as [(PixelFormat, String, UInt64)])
    func formatsHaveTheirNamesThere(format: PixelFormat, code: String, modifier: UInt64) {
        let name = LibCameraFormat(format)
        #expect(PixelFormat(rawValue: name.code).description == code)
        #expect(name.modifier == modifier)
        #expect(name.pixelFormat == format)
    }

    @Test func memoryWithoutANameHasNoFormat() {
        // A Raspberry Pi 5's compressed raw data.
        let compressed = LibCameraFormat(code: LibCameraFormat(.grey).code, modifier: 0x0C << 56 | 1)
        #expect(compressed.pixelFormat == nil)
    }

    @Test func colorsAreThoseThatLibcameraTells() {
        let color = ColorSpace(libcamera: (1, 2, 1, 1), format: .nv12, height: 480)
        #expect(color == ColorSpace(primaries: .smpte170m, transfer: .bt709, matrix: .bt601, range: .limited))
        #expect(ColorSpace(libcamera: (2, 1, 1, 0), format: .yuv420, height: 480) == .jpeg)
        #expect(ColorSpace(libcamera: (2, 2, 2, 1), format: .nv12, height: 480) == .bt709)
        #expect(ColorSpace(libcamera: (2, 2, 2, 1), format: .rgb24, height: 480) == .sRGB)
        #expect(ColorSpace(libcamera: (-1, -1, -1, -1), format: .nv12, height: 480) == .bt601)
        #expect(ColorSpace(libcamera: (-1, -1, -1, -1), format: .nv12, height: 720) == .bt709)
        #expect(ColorSpace(libcamera: (-1, -1, -1, -1), format: .mjpeg, height: 480) == .jpeg)
    }

    @Test func bootTimeBecomesMonotonicTime() {
        let now = Timestamp(nanoseconds: 100_000_000_000)
        let clock = LibCameraClock(timeSlept: .seconds(3600), now: now)
        let picture = now - .milliseconds(40)
        #expect(clock.monotonic(picture.nanoseconds) == picture)
        #expect(clock.monotonic((picture + .seconds(3600)).nanoseconds) == picture)
        // A machine that never slept has one clock, also for times that lie a little ahead.
        let awake = LibCameraClock(timeSlept: .microseconds(1), now: now)
        #expect(awake.monotonic((now + .milliseconds(20)).nanoseconds) == now + .milliseconds(20))
        #expect(LibCameraClock.present.timeSlept >= .zero)
    }
}
