// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import SystemPackage
import TestSupport
import Testing
import V4L2

/// How a camera chooses among what its driver has.
struct V4L2ConfigurationTests {
    private static let small = Resolution(32, 16)
    private static let large = Resolution(64, 32)

    /// A webcam: raw pictures that are slow when large, and motion JPEG.
    private var webcam: ScriptedDriver {
        var description = ScriptedDriver.Description()
        description.formats = [
            .init(.mjpeg, [Self.small, Self.large, Resolution(128, 64)], [60, 30, 15]),
            .init(.grey, [Self.small, Self.large], [60]),
            .init(.yuyv, [Self.small, Self.large], [30, 15]),
        ]
        return ScriptedDriver(description)
    }

    private func stream(_ request: SourceConfiguration, _ driver: ScriptedDriver) throws -> VideoStream {
        try #require(try V4L2Camera("/dev/video0", configuration: request, calls: driver.calls).streams.first)
    }

    @Test func rawPicturesAreTakenWhileTheyReachSizeAndRate() throws {
        let stream = try stream(SourceConfiguration(resolution: Self.large, frameRate: 30), webcam)
        #expect(stream.format == .yuyv)
        #expect(stream.size == Self.large)
        #expect(stream.frameRate == 30)
    }

    @Test func motionJPEGIsTakenWhenOnlyItReachesTheSize() throws {
        let stream = try stream(SourceConfiguration(resolution: Resolution(128, 64)), webcam)
        #expect(stream.format == .mjpeg)
    }

    @Test func motionJPEGIsTakenWhenOnlyItReachesTheRate() throws {
        let stream = try stream(SourceConfiguration(resolution: Self.small, frameRate: 60), webcam)
        #expect(stream.format == .mjpeg)
        #expect(stream.frameRate == 60)
    }

    @Test func aRateThatNothingReachesBecomesTheFastest() throws {
        let stream = try stream(SourceConfiguration(resolution: Self.small, frameRate: 120), webcam)
        #expect(stream.frameRate == 60)
    }

    @Test func whatTheDriverMakesOfARateIsTold() throws {
        let stream = try stream(
            SourceConfiguration(resolution: Self.small, frameRate: 14, pixelFormat: .yuyv), webcam)
        #expect(stream.frameRate == 15)
    }

    @Test func theAskedFormatIsTaken() throws {
        let stream = try stream(SourceConfiguration(resolution: Self.small, pixelFormat: .grey), webcam)
        #expect(stream.format == .grey)
    }

    @Test func aSizeThatThereIsNotIsAnErrorThatListsThoseThereAre() throws {
        let driver = webcam
        let camera = try V4L2Camera(
            "/dev/video0", configuration: SourceConfiguration(resolution: Self.small, frameRate: 30),
            calls: driver.calls)
        let before = camera.streams
        let error = try #require(
            throws: CameraError.self,
            performing: { try camera.configure(SourceConfiguration(resolution: Resolution(50, 50))) })
        #expect(error.code == .unsupported)
        #expect(error.description.contains("50x50"))
        #expect(error.description.hasSuffix("it has 32x16, 64x32, 128x64"), "\(error)")
        #expect(camera.streams == before)

        let other = try #require(
            throws: CameraError.self,
            performing: { try camera.configure(SourceConfiguration(pixelFormat: .nv12)) })
        #expect(other.code == .unsupported)
        #expect(other.description.contains("no format nv12"))
        #expect(camera.streams == before)
    }

    @Test func whatIsNotAskedStays() throws {
        let camera = try V4L2Camera(
            "/dev/video0", configuration: SourceConfiguration(resolution: Self.large, frameRate: 15),
            calls: webcam.calls)
        try camera.configure(SourceConfiguration(pixelFormat: .grey))
        #expect(camera.streams.first?.size == Self.large)
        try camera.configure(SourceConfiguration(resolution: Self.small))
        #expect(camera.streams.first?.size == Self.small)
    }

    // MARK: Defaults

    /// Another program leaves a format, a size and a rate that the device keeps.
    private func leave(_ format: PixelFormat, _ size: Resolution, _ rate: FrameRate, on driver: ScriptedDriver) throws {
        let other = try VideoDevice("/dev/video0", calls: driver.calls)
        _ = try other.setFormat(ImageFormat(format, size), of: .videoCapture)
        #expect(try other.setFrameRate(rate, of: .videoCapture) == rate)
        other.close()
    }

    @Test func whatAnEarlierProgramLeftIsNoDefault() throws {
        for (format, rate) in [(PixelFormat.mjpeg, FrameRate(15)), (.yuyv, 15), (.mjpeg, 60), (.grey, 60)] {
            let driver = webcam
            try leave(format, Self.small, rate, on: driver)
            // Of 32x16 and 64x32 the second is nearer to 1280x720.
            let all = try stream(SourceConfiguration(), driver)
            #expect(all.format == .yuyv && all.size == Self.large && all.frameRate == 30)
            try leave(format, Self.small, rate, on: driver)
            let sized = try stream(SourceConfiguration(resolution: Self.small), driver)
            #expect(sized.size == Self.small && sized.frameRate == 30)
            // The driver was told.
            let device = try VideoDevice("/dev/video0", calls: driver.calls)
            #expect(try device.frameRate(of: .videoCapture) == 30)
        }
    }

    @Test(arguments: [([5, 25], 25), ([60, 50], 50), ([120, 29, 15], 29)] as [([Int], Int)])
    func theRateThatIsNearestToThirtyIsTheDefault(rates: [Int], expected: Int) throws {
        var description = ScriptedDriver.Description()
        description.formats = [.init(.yuyv, [Self.small], rates.map { FrameRate($0) })]
        let driver = ScriptedDriver(description)
        try leave(.yuyv, Self.small, FrameRate(rates[0]), on: driver)
        #expect(try stream(SourceConfiguration(), driver).frameRate == FrameRate(expected))
    }

    @Test func compressedPicturesAreTakenWhenOnlyTheyReachTheDefaults() throws {
        var description = ScriptedDriver.Description()
        let sizes = [Resolution(320, 240), Resolution(1280, 720), Resolution(1920, 1080)]
        description.formats = [.init(.yuyv, sizes, [10, 5]), .init(.mjpeg, sizes, [30, 15])]
        let found = try stream(SourceConfiguration(), ScriptedDriver(description))
        #expect(found.format == .mjpeg && found.size == .hd720p && found.frameRate == 30)
        let slow = try stream(SourceConfiguration(frameRate: 10), ScriptedDriver(description))
        #expect(slow.format == .yuyv && slow.size == .hd720p && slow.frameRate == 10)
    }

    @Test func aRateThatWasAskedForStaysAndADefaultIsChosenAgain() throws {
        var description = ScriptedDriver.Description()
        description.formats = [.init(.yuyv, [Self.small], [60, 10]), .init(.mjpeg, [Self.large], [60, 30, 10])]
        let camera = try V4L2Camera("/dev/video0", calls: ScriptedDriver(description).calls)
        // 10 is nearer to 30 than 60 is; at the larger size there is 30 itself.
        #expect(camera.streams[0].size == Self.small && camera.streams[0].frameRate == 10)
        try camera.configure(SourceConfiguration(resolution: Self.large))
        #expect(camera.streams[0].frameRate == 30)
        try camera.configure(SourceConfiguration(frameRate: 10))
        try camera.configure(SourceConfiguration(resolution: Self.small))
        #expect(camera.streams[0].frameRate == 10)
    }

    @Test(arguments: [
        (ScriptedDriver.Input("HDMI 0", hasTimings: true), UInt64(0x1000), Self.small),
        (.init("S-Video 0", standards: 0xFFFF), 0x1000, Resolution(720, 480)),
        (.init("S-Video 0", standards: 0xFFFF), 0xFF, Resolution(720, 576)), (.init("Webcam 0"), 0x1000, .hd720p),
    ]) func aSizeIsThatOfTheSignal(input: ScriptedDriver.Input, standard: UInt64, size: Resolution) throws {
        var description = ScriptedDriver.Description()
        let sizes = [Self.small, .hd720p, Resolution(720, 480), Resolution(720, 576), .hd1080p]
        description.formats = [.init(.yuyv, sizes, [30])]
        description.inputs = [input]
        let driver = ScriptedDriver(description)
        driver.setSignal(standard: standard)
        try leave(.yuyv, .hd1080p, 30, on: driver)
        #expect(try stream(SourceConfiguration(), driver).size == size)
    }

    @Test(arguments: [
        SourceConfiguration(resolution: Resolution(0, 16)), SourceConfiguration(frameRate: FrameRate(0)),
        SourceConfiguration(sensorMode: 2),
    ]) func senselessWishesAreRefused(request: SourceConfiguration) throws {
        let error = try #require(throws: CameraError.self, performing: { try stream(request, webcam) })
        #expect(error.code == .invalidValue)
    }

    @Test func aDriverWithoutRatesHasThirtyOrWhatWasAsked() throws {
        var description = ScriptedDriver.Description()
        description.formats = [.init(.yuyv, [Self.small], [])]
        #expect(try stream(SourceConfiguration(), ScriptedDriver(description)).frameRate == 30)
        #expect(try stream(SourceConfiguration(frameRate: 12), ScriptedDriver(description)).frameRate == 12)
    }

    /// Some webcams have a hundred sizes, in each of their formats.
    @Test func ofManySizesTheNearestAreListed() throws {
        var description = ScriptedDriver.Description()
        let sizes = (1...60).map { Resolution(16 * $0, 16) }
        description.formats = [.init(.yuyv, sizes, [30]), .init(.mjpeg, sizes, [30])]
        let error = try #require(
            throws: CameraError.self,
            performing: {
                try stream(SourceConfiguration(resolution: Resolution(100, 16)), ScriptedDriver(description))
            })
        let listed =
            "it has 48x16, 64x16, 80x16, 96x16, 112x16, 128x16, 144x16, 160x16 and 52 more, which 'camera list' shows"
        #expect(error.description.hasSuffix(listed), "\(error)")
    }

    @Test func formatsThatFramesCannotHaveAreNoCamera() throws {
        var description = ScriptedDriver.Description()
        description.formats = [.init(PixelFormat(fourCC: "BG14"), [Self.small], [])]
        let error = try #require(
            throws: CameraError.self,
            performing: { try stream(SourceConfiguration(), ScriptedDriver(description)) })
        #expect(error.code == .unsupported)
        #expect(error.description.contains("BG14"))
    }

    @Test func aFormatThatAnotherProgramSetIsSetAgainAtTheStart() throws {
        let driver = webcam
        let camera = try V4L2Camera(
            "/dev/video0", configuration: SourceConfiguration(resolution: Self.large), calls: driver.calls)
        let other = try VideoDevice("/dev/video0", calls: driver.calls)
        _ = try other.setFormat(ImageFormat(.grey, Self.small), of: .videoCapture)
        try camera.start()
        #expect(try other.format(of: .videoCapture).size == Self.large)
        #expect(camera.streams.first?.size == Self.large)
        camera.close()
    }

    @Test func camerasAreListedWithWhatTheyHave() throws {
        let cameras = try V4L2Camera.available(calls: webcam.calls)
        #expect(cameras.map(\.path) == ["/dev/video0"])
        #expect(cameras.map(\.card) == ["Scripted camera"])
        #expect(cameras.first?.formats.map(\.pixelFormat) == [.mjpeg, .grey, .yuyv])
        #expect(cameras.first?.formats.last?.sizes.map(\.largest) == [Self.small, Self.large])
        #expect(cameras.first?.formats.last?.sizes.first?.frameRates == [30, 15])
    }

    @Test func aListWithoutPermissionIsAnErrorThatSaysSo() throws {
        let driver = webcam
        driver.fail("open", with: .permissionDenied)
        let error = try #require(
            throws: CameraError.self, performing: { try V4L2Camera.available(calls: driver.calls) })
        #expect(error.code == .permissionDenied)
        #expect(error.description.contains("video"))
    }
}
