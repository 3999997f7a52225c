// SPDX-License-Identifier: MIT

import CV4L2
import CameraCore
import CameraDevices
import TestSupport
import Testing
import V4L2

/// Inputs with signals that come, go and change, over a scripted driver.
struct V4L2SignalTests {
    private static let small = Resolution(32, 16)
    private static let large = Resolution(64, 32)
    private static let noSignal: UInt32 = 0x2
    private static let noLock: UInt32 = 0x100

    private var capture: ScriptedDriver {
        var description = ScriptedDriver.Description()
        description.formats = [.init(.yuyv, [Self.small, Self.large], [50])]
        description.inputs = [
            .init("HDMI 0", hasTimings: true), .init("S-Video 0", standards: 0xFFFF), .init("Webcam 0"),
        ]
        description.cropBounds = PixelRegion(x: 0, y: 0, size: Resolution(640, 480))
        return ScriptedDriver(description)
    }

    private func running(_ driver: ScriptedDriver) throws -> V4L2Camera {
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        try camera.start()
        return camera
    }

    /// What comes until nothing more comes, in a word each.
    private func everything(of camera: V4L2Camera) throws -> [String] {
        var words: [String] = []
        while true {
            switch try camera.next(timeout: .zero) {
            case .frame: words.append("frame")
            case .signalLost: words.append("lost")
            case .signalRegained: words.append("regained")
            case .timedOut: return words
            case .damaged, .interrupted, .ended: words.append("other")
            }
        }
    }

    @Test func aLostSignalIsToldOnceAndFramesGoOn() throws {
        let driver = capture
        let camera = try running(driver)
        driver.play([
            .frame(1), .signal(Self.noSignal), .frame(2), .signal(Self.noLock), .frame(3), .signal(0), .frame(4),
        ])
        #expect(try everything(of: camera) == ["frame", "lost", "frame", "frame", "regained", "frame"])
    }

    @Test func aSignalThatIsMissingAtTheStartIsTold() throws {
        let driver = capture
        driver.setSignal(status: Self.noSignal)
        let camera = try running(driver)
        driver.play([.frame(1)])
        #expect(try everything(of: camera) == ["lost", "frame"])
    }

    @Test func aSignalOfAnotherSizeIsAnErrorAndTheNextCameraHasThatSize() throws {
        let driver = capture
        let camera = try running(driver)
        #expect(try camera.timings()?.size == Self.small)
        driver.play([.signal(0, size: Self.large)])
        let error = try #require(throws: CameraError.self, performing: { _ = try camera.next(timeout: nil) })
        #expect(error.code == .device)
        #expect(error.description.contains("changed its size"))
        camera.close()
        let next = try running(driver)
        #expect(driver.timings == Self.large)
        #expect(next.streams.map(\.size) == [Self.large])
        #expect(try next.detectTimings() == next.timings())
        #expect(try next.timings()?.frameRate == 50)
    }

    @Test func aSignalThatReturnsAsAnotherIsAnError() throws {
        let driver = capture
        let camera = try running(driver)
        driver.play([.signal(Self.noSignal), .signal(0, size: Self.large)])
        guard case .signalLost = try camera.next(timeout: nil) else {
            Issue.record("the loss is not told")
            return
        }
        #expect(throws: CameraError.self) { _ = try camera.next(timeout: nil) }
    }

    /// Drivers stop their queue when the size changes: that is no unplugged device.
    @Test func aQueueThatFailsOfANewSizeIsAChangedSignal() throws {
        let driver = capture
        let camera = try running(driver)
        driver.play([.signal(0, size: Self.large), .queueFailure])
        let error = try #require(throws: CameraError.self, performing: { _ = try camera.next(timeout: nil) })
        #expect(error.code == .device)
    }

    /// PAL: pixels are 59/54 as wide as high; of "interlaced" alone the standard has the order.
    @Test(arguments: [
        (V4L2_FIELD_INTERLACED, FieldOrder.bottomFirst), (V4L2_FIELD_INTERLACED_TB, .topFirst),
        (V4L2_FIELD_INTERLACED_BT, .bottomFirst), (V4L2_FIELD_NONE, .progressive),
    ])
    func televisionIsTold(field: v4l2_field, order: FieldOrder) throws {
        var description = ScriptedDriver.Description()
        description.formats = [.init(.yuyv, [Self.small], [25])]
        description.field = field.rawValue
        description.pixelAspect = (54, 59)
        let camera = try V4L2Camera("/dev/video0", calls: ScriptedDriver(description).calls)
        #expect(camera.streams[0].fieldOrder == order)
        #expect(camera.streams[0].pixelAspect == (order == .progressive ? .square : PixelAspect(59, 54)))
    }

    @Test func inputsAreListedAndChosen() throws {
        let driver = capture
        driver.setSignal(standard: 0xFF)
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        #expect(try camera.inputs().map(\.name) == ["HDMI 0", "S-Video 0", "Webcam 0"])
        #expect(try camera.input()?.hasTimings == true)
        #expect(try camera.standards().isEmpty)
        try camera.setInput(1)
        // The signal there is PAL, and the device was set to NTSC.
        #expect(try camera.input()?.name == "S-Video 0")
        #expect(driver.standard == 0xFF)
        #expect(try camera.standard().map(\.name) == ["PAL"])
        #expect(try camera.detectStandard().map(\.name) == ["PAL"])
        #expect(try camera.standards().map(\.frameRate) == [FrameRate(30000, 1001), 25])
        let ntsc = try #require(try camera.standards().first)
        try camera.setStandard(ntsc)
        #expect(driver.standard == 0x1000)
        #expect(try camera.timings() == nil)
        driver.setSignal(status: Self.noSignal)
        #expect(try camera.detectStandard().isEmpty)
        #expect(try camera.input()?.hasSignal == false)

        let error = try #require(throws: CameraError.self, performing: { try camera.setInput(3) })
        #expect(error.code == .invalidValue)
        #expect(error.description.contains("0 (HDMI 0), 1 (S-Video 0), 2 (Webcam 0)"))
        try camera.start()
        let running = try #require(throws: CameraError.self, performing: { try camera.setInput(0) })
        #expect(running.code == .alreadyRecording)
    }

    @Test func aDeviceWithoutInputsHasNone() throws {
        let camera = try V4L2Camera("/dev/video0", calls: ScriptedDriver().calls)
        #expect(try camera.inputs().isEmpty)
        #expect(try camera.input() == nil)
        #expect(try camera.crop() == nil)
        let error = try #require(
            throws: CameraError.self,
            performing: { try camera.setCrop(PixelRegion(x: 0, y: 0, size: Self.small)) })
        #expect(error.code == .unsupported)
    }

    @Test func aPartOfThePictureIsTaken() throws {
        let camera = try running(capture)
        let whole = PixelRegion(x: 0, y: 0, size: Resolution(640, 480))
        let crop = try #require(try camera.crop())
        #expect([crop.region, crop.bounds, crop.defaultRegion] == [whole, whole, whole])
        let made = try camera.setCrop(PixelRegion(x: 20, y: 10, size: Resolution(323, 240)))
        #expect(made == PixelRegion(x: 20, y: 10, size: Resolution(320, 240)))
        #expect(try camera.crop()?.region == made)
        for wrong in [
            PixelRegion(x: 400, y: 0, size: Resolution(320, 240)), PixelRegion(x: -1, y: 0, size: Self.small),
            PixelRegion(x: 0, y: 0, size: Resolution(0, 10)), PixelRegion(x: .max, y: 0, size: Self.small),
        ] {
            let error = try #require(throws: CameraError.self, performing: { try camera.setCrop(wrong) })
            #expect(error.code == .invalidValue)
            #expect(error.description.contains("640x480+0+0"))
        }
    }
}
