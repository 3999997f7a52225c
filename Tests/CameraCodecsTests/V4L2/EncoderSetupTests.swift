// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import SystemPackage
import TestSupport
import Testing
import V4L2

/// The document's sections "Querying Capabilities" and "Initialization".
@Suite struct EncoderSetupTests {
    private func negotiate(
        _ driver: ScriptedEncoder, _ size: Resolution = Resolution(64, 48), codedByteCount: Int = 0
    ) throws -> EncoderFormats {
        let device = try VideoDevice("/dev/video11", calls: driver.calls)
        defer { device.close() }
        var wish = driver.conformance.wish
        wish.size = size
        wish.codedByteCount = codedByteCount
        return try StatefulEncoder(device).negotiate(wish)
    }

    @Test func theStepsComeInTheOrderOfTheDocument() throws {
        let driver = ScriptedEncoder(
            ScriptedEncoder.with {
                $0.hasOwnInterval = true
                $0.alignment = Resolution(16, 16)
                $0.controls = ScriptedEncoder.usualControls
            })
        let codec = try V4L2Codec("/dev/video11", format: .h264, calls: driver.calls)
        let start = driver.log.count
        _ = try codec.configure(ScriptedRun.configuration(Resolution(64, 40))) { _ in }
        codec.close()
        let steps = driver.log[start...].filter { !$0.hasPrefix("VIDIOC_S_EXT_CTRLS") }
        #expect(
            steps.prefix(7) == [
                "VIDIOC_S_FMT CAPTURE", "VIDIOC_S_FMT OUTPUT", "VIDIOC_S_PARM OUTPUT", "VIDIOC_S_PARM CAPTURE",
                "VIDIOC_S_SELECTION OUTPUT", "VIDIOC_REQBUFS OUTPUT", "VIDIOC_REQBUFS CAPTURE",
            ])
        #expect(driver.violations == [])
        #expect(driver.crop == Resolution(64, 40))
    }

    /// Television's pixels are not square; an encoder without such controls works all the same.
    @Test func theShapeOfPixelsIsToldWhereTheEncoderCan() throws {
        let names = [EncoderControl.tellsAspect, EncoderControl.aspectWidth, EncoderControl.aspectHeight]
        let controls = names.map { number in
            ScriptedDriver.Control(number, "VUI \(number)", kind: 1, 0...65535, value: 0, choices: [:])
        }
        for (aspect, values) in [(PixelAspect(16, 15), [1, 16, 15]), (.square, [0, 0, 0])] as [(PixelAspect, [Int64])] {
            let driver = ScriptedEncoder(ScriptedEncoder.with { $0.controls = controls })
            let codec = try V4L2Codec("/dev/video11", format: .h264, calls: driver.calls)
            var configuration = ScriptedRun.configuration()
            configuration.pixelAspect = aspect
            _ = try codec.configure(configuration) { _ in }
            codec.close()
            #expect(names.map { driver.value(of: $0) } == values)
        }
        var configuration = ScriptedRun.configuration()
        configuration.pixelAspect = PixelAspect(16, 15)
        let codec = try V4L2Codec("/dev/video11", format: .h264, calls: ScriptedEncoder().calls)
        _ = try codec.configure(configuration) { _ in }
        codec.close()
    }

    @Test func rawFormatsAreThoseOfTheCodedFormat() throws {
        let driver = ScriptedEncoder(
            ScriptedEncoder.with { $0.raw = [.yuyv, .yuv420, PixelFormat(fourCC: "pBAA"), .nv12, .rgb24] })
        let codec = try V4L2Codec("/dev/video11", format: .h264, calls: driver.calls)
        defer { codec.close() }
        #expect(codec.inputFormats == [.nv12, .yuv420, .yuyv, .rgb24])
        #expect(driver.violations == [])
    }

    @Test func bothIntervalsAreSetWhereTheyCanDiffer() throws {
        let apart = ScriptedEncoder(ScriptedEncoder.with { $0.hasOwnInterval = true })
        let formats = try negotiate(apart)
        #expect(formats.rawRate == 30)
        #expect(formats.codedRate == 30)
        #expect(apart.log.contains("VIDIOC_S_PARM CAPTURE"))
        let together = ScriptedEncoder(ScriptedEncoder.with { $0.fastestRate = 25 })
        #expect(try negotiate(together).rawRate == 25)
        #expect(try negotiate(together).codedRate == nil)
        #expect(!together.log.contains("VIDIOC_S_PARM CAPTURE"))
    }

    /// 1080 rows in frames of 1088.
    @Test func theVisibleRectangleIsThatOfThePictures() throws {
        let driver = ScriptedEncoder(ScriptedEncoder.with { $0.alignment = Resolution(16, 16) })
        let formats = try negotiate(driver, Resolution(1920, 1080))
        #expect(formats.raw.size == Resolution(1920, 1088))
        #expect(driver.crop == Resolution(1920, 1080))
        // Where the frames fit, nothing has to be said.
        let other = ScriptedEncoder(ScriptedEncoder.with { $0.alignment = Resolution(16, 16) })
        _ = try negotiate(other, Resolution(1920, 1088))
        #expect(!other.log.contains("VIDIOC_S_SELECTION OUTPUT"))
    }

    @Test func aRectangleThatTheDriverAdjustsIsRefused() throws {
        let driver = ScriptedEncoder(
            ScriptedEncoder.with {
                $0.alignment = Resolution(16, 16)
                $0.cropAlignment = 16
            })
        let error = #expect(throws: CameraError.self) { try negotiate(driver, Resolution(1920, 1080)) }
        #expect(error?.description.contains("1920x1088") == true)
    }

    @Test(arguments: [Resolution(8, 8), Resolution(8192, 4320), Resolution(64, 5000)])
    func sizesBeyondTheEncodersAreRefused(_ size: Resolution) throws {
        let driver = ScriptedEncoder(ScriptedEncoder.with { $0.smallest = Resolution(128, 96) })
        let error = #expect(throws: CameraError.self) { try negotiate(driver, size) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("\(size)") == true)
    }

    @Test func formatsThatTheDriverReplacesAreRefused() throws {
        let coded = ScriptedEncoder(ScriptedEncoder.with { $0.coded = [PixelFormat(fourCC: "VP80")] })
        #expect(throws: CameraError.self) { try negotiate(coded) }
        let raw = ScriptedEncoder(ScriptedEncoder.with { $0.raw = [.yuv420] })
        let device = try VideoDevice("/dev/video11", calls: raw.calls)
        defer { device.close() }
        let error = #expect(throws: CameraError.self) {
            try StatefulEncoder(device).negotiate(
                EncoderWish(coded: PixelFormat(fourCC: "H264"), raw: .nv12, size: Resolution(64, 48), frameRate: 30))
        }
        #expect(error?.description.contains("YU12") == true)
    }

    @Test func theDriversLeastCountOfBuffersIsAskedFor() throws {
        #expect(try negotiate(ScriptedEncoder()).rawBufferCount == 4)
        let driver = ScriptedEncoder(ScriptedEncoder.with { $0.minimumRawBuffers = 5 })
        #expect(try negotiate(driver).rawBufferCount == 8)
    }

    @Test func largerCodedBuffersAreAskedForWithoutLosingTheRawFormat() throws {
        // This driver forgets the raw format when the coded one is set, as the document warns.
        let plain = ScriptedEncoder()
        let formats = try negotiate(plain, codedByteCount: 1 << 20)
        #expect(formats.coded.byteCount == 1 << 20)
        #expect(formats.raw.size == Resolution(64, 48))
        #expect(formats.raw.pixelFormat == .nv12)
        #expect(plain.log.count { $0 == "VIDIOC_S_FMT CAPTURE" } == 1)
        // This one works the size of coded buffers out anew when the raw format is set, so it is asked again.
        let sizing = ScriptedEncoder(
            ScriptedEncoder.with {
                $0.sizesCodedByRaw = true
                $0.forgetsRawFormat = false
            })
        let asked = try negotiate(sizing, codedByteCount: 1 << 20)
        #expect(asked.coded.byteCount == 1 << 20)
        #expect(asked.raw.size == Resolution(64, 48))
        // One that does both cannot have larger buffers.
        let both = ScriptedEncoder(ScriptedEncoder.with { $0.sizesCodedByRaw = true })
        let error = #expect(throws: CameraError.self) { try negotiate(both, codedByteCount: 1 << 20) }
        #expect(error?.description.contains("larger buffers") == true)
    }
}
