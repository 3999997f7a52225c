// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import SystemPackage
import TestSupport
import Testing
import V4L2

/// Layouts and memories that not every camera has.
struct V4L2FormatTests {
    private static let size = Resolution(32, 16)

    private func driver(
        _ codes: [String], _ change: (inout ScriptedDriver.Description) -> Void = { _ in }
    ) throws -> ScriptedDriver {
        var description = ScriptedDriver.Description()
        description.formats = try codes.map { .init(try #require(PixelFormat(code: $0)), [Self.size], [30]) }
        change(&description)
        return ScriptedDriver(description)
    }

    private func frame(_ camera: V4L2Camera) throws -> Frame? {
        if case .frame(let frame) = try camera.next(timeout: .zero) { frame } else { nil }
    }

    // MARK: Several memories

    @Test(arguments: [("NM12", PixelFormat.nv12), ("YM12", .yuv420), ("YM16", .yuv422), ("YUYV", .yuyv)])
    func aCameraThatIsOnlyMultiplanarWorks(code: String, format: PixelFormat) throws {
        let driver = try driver([code]) {
            $0.capabilities = 0x0420_1000
            $0.rowAlignment = 64
        }
        #expect(try V4L2Camera.available(calls: driver.calls).map(\.path) == ["/dev/video0"])
        let camera = try V4L2Camera(
            "/dev/video0", configuration: SourceConfiguration(pixelFormat: format), calls: driver.calls)
        #expect(camera.streams.map(\.format) == [format])
        try camera.start()
        driver.play([.frame(7)])
        let frame = try #require(try frame(camera))
        #expect(frame.format == format)
        #expect(frame.planeCount == format.planeCount)
        for plane in 0..<frame.planeCount {
            #expect(frame.plane(plane).stride == 64)
            #expect(frame.plane(plane).baseAddress.load(as: UInt8.self) == UInt8(plane))
            #expect((frame.plane(plane).baseAddress + 8).load(as: UInt8.self) == 7 || plane > 0)
            #expect(frame.plane(plane).dmaBuffer?.offset == 0)
        }
        #expect(Set((0..<frame.planeCount).map { frame.plane($0).dmaBuffer }).count == frame.planeCount)
        camera.close()
        #expect(driver.violations.isEmpty)
    }

    // MARK: Sharing

    @Test func buffersAreSharedUntilTheLastFrameIsGone() throws {
        let driver = ScriptedDriver()
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        try camera.start()
        #expect(driver.exportCount == 8)
        driver.play([.frame(1), .frame(2)])
        var kept = try frame(camera)
        let other = try #require(try frame(camera))
        let descriptors = [kept, other].map { $0?.plane(0).dmaBuffer?.descriptor }
        #expect(Set(descriptors).count == 2 && !descriptors.contains(nil))
        #expect(other.plane(0).dmaBuffer?.byteCount == 1 << 16)
        #expect(other.copy(from: BytePool())?.plane(0).dmaBuffer == nil)
        camera.close()
        #expect(driver.exportCount == 2)
        kept = nil
        #expect(driver.exportCount == 1)
        withExtendedLifetime(other) {}
        #expect(driver.violations.isEmpty)
    }

    @Test(arguments: [Errno.inappropriateIOCTLForDevice, .tooManyOpenFiles, .noMemory, .noFunction])
    func aDriverThatCannotShareGoesOnWithout(errno: Errno) throws {
        let driver = ScriptedDriver()
        driver.fail("VIDIOC_EXPBUF", with: errno, times: 8)
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        try camera.start()
        driver.play([.frame(1)])
        let frame = try #require(try frame(camera))
        #expect(frame.plane(0).dmaBuffer == nil)
        #expect(frame.isLoan)
        #expect(driver.exportCount == 0)
        camera.close()
    }

    // MARK: Exotic layouts

    @Test(arguments: [
        ("YVYU", PixelFormat.yuv420), ("YV12", .yuv420), ("NV16", .yuv420), ("NV61", .yuv420), ("Y16 ", .yuv420),
        ("Y16 -BE", .yuv420), ("RGBP", .rgb24), ("XR24", .rgb24), ("BX24", .rgb24),
    ]) func aCameraThatHasOnlyAnExoticLayoutIsConverted(code: String, format: PixelFormat) throws {
        let driver = try driver([code])
        driver.setRowBytes(of: code)
        let camera = try V4L2Camera("/dev/video0", copyLimit: 2, calls: driver.calls)
        #expect(camera.streams.map(\.format) == [format])
        #expect(camera.streams.first?.color.matrix == (format == .rgb24 ? .rgb : camera.streams.first?.color.matrix))
        try camera.start()
        // What no frame shows needs not be shared.
        #expect(driver.exportCount == 0)
        driver.play([.gap(2), .frame(0x80), .frame(0x80), .frame(0x80)])
        let frames = [try frame(camera), try frame(camera)].compactMap(\.self)
        #expect(frames.map(\.format) == [format, format])
        #expect(frames.map(\.info.sequence) == [2, 3])
        #expect(frames.map(\.isPacked) == [true, true])
        // The driver has all its buffers back, and the memory for frames is used up.
        #expect(driver.queuedCount == 8)
        // An optimised program lets go of the frames after their last use.
        let another = try withExtendedLifetime(frames) { try frame(camera) }
        #expect(another == nil)
        #expect(camera.counts == SourceCounts(framesCopied: 0, framesNotCopied: 1))
        camera.close()
        #expect(driver.violations.isEmpty)
    }

    @Test func aPictureThatIsNotWholeIsDamaged() throws {
        let driver = try driver(["YVYU"])
        driver.setRowBytes(of: "YVYU")
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        try camera.start()
        driver.play([.bytes([1, 2, 3])])
        guard case .damaged(1) = try camera.next(timeout: .zero) else {
            Issue.record("a picture of three bytes counts as one")
            return
        }
    }

    @Test func knownLayoutsComeFirst() throws {
        let driver = try driver(["RGGB", "YVYU", "GREY"])
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        #expect(camera.streams.map(\.format) == [.grey])
    }

    @Test(arguments: ["NV24", "VYUY", "XR12", "HSV3"])
    func whatNothingCanReadIsRefusedWithWhatThereIs(code: String) throws {
        let driver = try driver([code, "YVYU", "NV12"])
        let asked = SourceConfiguration(pixelFormat: PixelFormat(code: code))
        let error = try #require(
            throws: CameraError.self,
            performing: { try V4L2Camera("/dev/video0", configuration: asked, calls: driver.calls) })
        #expect(error.code == .unsupported)
        #expect(error.description.contains("no format \(code)"))
        #expect(error.description.contains("nv12, YVYU"))
    }

    @Test func paddedRowsOfAnExoticLayoutAreRefused() throws {
        let driver = try driver(["YVYU"])
        driver.setRowBytes(of: "YVYU", padding: 32)
        let error = try #require(
            throws: CameraError.self, performing: { try V4L2Camera("/dev/video0", calls: driver.calls) })
        #expect(error.code == .unsupported)
        #expect(error.description.contains("padded to 96 bytes"))
    }

    @Test func codesAreReadAndWritten() {
        for code in ["YV12", "Y16 ", "Y16 -BE", "pBAA", "905C"] {
            #expect(PixelFormat(code: code)?.description == code)
        }
        for text in ["", "YV1", "YV123", "nv12-", "Y16 -LE", "äöü"] { #expect(PixelFormat(code: text) == nil) }
    }

    // MARK: Rates

    @Test(arguments: [
        (FrameRate(14), FrameRate(15)), (FrameRate(13), FrameRate(25, 2)), (FrameRate(1000), FrameRate(60)),
        (FrameRate(1), FrameRate(25, 2)), (FrameRate(30000, 1001), FrameRate(30)),
    ]) func theRateIsTheNearestThatThereIs(asked: FrameRate, made: FrameRate) throws {
        var description = ScriptedDriver.Description()
        description.formats = [.init(.yuyv, [Self.size], [60, 30, 15, FrameRate(25, 2)])]
        let camera = try V4L2Camera(
            "/dev/video0", configuration: SourceConfiguration(frameRate: asked),
            calls: ScriptedDriver(description).calls)
        #expect(camera.streams.map(\.frameRate) == [made])
    }

    @Test func ratesOfARangeAreTakenWithinIt() {
        let range = FrameRates.range(slowest: 5, fastest: 30)
        #expect([1, 7, 60].map { range.nearest(to: FrameRate($0)) } == [5, 7, 30])
        #expect(FrameRates.unknown.nearest(to: 7) == 7)
        // As near on both sides: the faster.
        #expect(FrameRates.discrete([20, 10]).nearest(to: 15) == 20)
    }

    // MARK: In use

    @Test(arguments: ["VIDIOC_S_FMT", "VIDIOC_REQBUFS", "VIDIOC_STREAMON"])
    func whoeverHoldsACameraIsNamed(call: String) throws {
        let driver = ScriptedDriver()
        driver.setFile("/proc/4711/fd/3", "-> /dev/video0")
        driver.setFile("/proc/4711/comm", "cheese\n")
        driver.fail(call, with: .resourceBusy)
        let error = try #require(throws: CameraError.self) {
            let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
            defer { camera.close() }
            try camera.start()
        }
        #expect(error.code == .busy)
        #expect(error.description.contains("cheese (process 4711) has it open"))
    }
}
