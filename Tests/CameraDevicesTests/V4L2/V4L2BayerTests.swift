// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import CameraImaging
import TestSupport
import Testing
import V4L2

/// Cameras that deliver what their sensor has behind its filter of one colour over each pixel.
struct V4L2BayerTests {
    private static let size = Resolution(32, 16)

    private func driver(
        _ formats: [PixelFormat], _ change: (inout ScriptedDriver.Description) -> Void = { _ in }
    ) -> ScriptedDriver {
        var description = ScriptedDriver.Description()
        description.formats = formats.map { .init($0, [Self.size], [30]) }
        change(&description)
        return ScriptedDriver(description)
    }

    private func frame(_ camera: V4L2Camera) throws -> Frame? {
        if case .frame(let frame) = try camera.next(timeout: .zero) { frame } else { nil }
    }

    @Test(arguments: PixelFormat.bayerFormats)
    func whatWasAskedForComesAsItIs(format: PixelFormat) throws {
        let driver = driver([.yuyv, format]) { $0.rowAlignment = 64 }
        let camera = try V4L2Camera(
            "/dev/video0", configuration: SourceConfiguration(pixelFormat: format), calls: driver.calls)
        #expect(camera.streams.map(\.format) == [format])
        #expect(camera.streams.map(\.color.matrix) == [.rgb])
        try camera.start()
        driver.play([.frame(0x11)])
        let frame = try #require(try frame(camera))
        #expect(frame.format == format)
        #expect(frame.isLoan)
        #expect(frame.plane(0).stride == 64)
        #expect(frame.plane(0).dmaBuffer != nil)
        // Each byte is 0x11: four samples of ten bits in five bytes share the last.
        let samples = try frame.bayerPixels()
        let expected: [UInt16] =
            format.bayer?.isPacked == true
            ? [0x45, 0x44, 0x45, 0x44] : Array(repeating: format.bayer?.bits == 8 ? 0x11 : 0x1111, count: 4)
        #expect(Array(samples.elements.prefix(4)) == expected)
        #expect(samples.elements.count == Self.size.pixelCount)
        let picture = try FrameConverter(pool: BytePool()).convert(
            frame, to: .nv12, size: Self.size, color: .bt601)
        #expect(picture?.format == .nv12)
        camera.close()
        #expect(driver.violations.isEmpty)
    }

    @Test func whatNeedsNoDemosaicingIsPreferred() throws {
        for other in [PixelFormat.grey, .mjpeg, PixelFormat(fourCC: "YVYU")] {
            let driver = driver([.rggb8, other])
            driver.setRowBytes(of: other.description)
            let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
            #expect(camera.streams.first?.format.bayer == nil, "\(other)")
        }
    }

    @Test func aCameraThatHasNothingElseIsUsed() throws {
        let driver = driver([.rggb10, .grbg8])
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        #expect(camera.streams.map(\.format) == [.grbg8])
        #expect(try camera.pixelFormats() == [.grbg8, .rggb10])
    }

    @Test func moreThanEightBitsAreTakenOnlyWhenTheyAreAskedFor() throws {
        let driver = driver([.rggb10])
        let error = try #require(
            throws: CameraError.self, performing: { try V4L2Camera("/dev/video0", calls: driver.calls) })
        #expect(error.code == .unsupported)
        #expect(error.description.contains("ask for one of rggb10"))
    }

    @Test func aPictureThatIsNotWholeIsDamaged() throws {
        let driver = driver([.rggb8])
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        try camera.start()
        driver.play([.bytes([1, 2, 3])])
        guard case .damaged(1) = try camera.next(timeout: .zero) else {
            Issue.record("a picture of three bytes counts as one")
            return
        }
    }
}
