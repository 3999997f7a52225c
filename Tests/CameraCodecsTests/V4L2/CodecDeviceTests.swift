// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import SystemPackage
import TestSupport
import Testing

/// Which codec is taken: an encoder of the kernel where one can do the work, a library otherwise, or what was named.
@Suite struct CodecDeviceTests {
    private func make(
        _ driver: ScriptedEncoder, _ format: MediaFormat = .h264, size: Resolution = Resolution(640, 360),
        options: EncoderOptions = EncoderOptions()
    ) throws -> any Codec {
        let codec = try Codecs.make(for: format, size: size, frameRate: 30, options: options, calls: driver.calls)
        codec.close()
        return codec
    }

    private static func usual(_ change: (inout ScriptedEncoder.Description) -> Void = { _ in }) -> ScriptedEncoder {
        ScriptedEncoder(
            ScriptedEncoder.with {
                $0.controls = ScriptedEncoder.usualControls
                change(&$0)
            })
    }

    @Test func anEncoderThatCanIsTaken() throws {
        let driver = Self.usual()
        let options = EncoderOptions {
            $0.bitRate = 2_000_000
            $0.profile = "high"
        }
        #expect(try make(driver, options: options).name == "scripted (/dev/video11)")
        #expect(driver.openCount == 0)
    }

    @Test func aDeviceThatIsNamedIsTaken() throws {
        let options = EncoderOptions { $0.codecDevice = .device("/dev/video11") }
        #expect(try make(Self.usual(), options: options).name == "scripted (/dev/video11)")
    }

    @Test func aNamedDeviceThatCannotIsAnErrorThatSaysWhy() throws {
        func refusal(
            _ format: MediaFormat, path: String = "/dev/video11", size: Resolution = Resolution(640, 360)
        ) -> CameraError? {
            let options = EncoderOptions { $0.codecDevice = .device(path) }
            return #expect(throws: CameraError.self) { try make(Self.usual(), format, size: size, options: options) }
        }
        #expect(refusal(.h264, path: "/dev/video99")?.description.contains("/dev/video99") == true)
        #expect(refusal(.h264, size: Resolution(5000, 3000))?.description.contains("5000x3000") == true)
        #expect(refusal(.h265)?.description.contains("H264") == true)
        #expect(refusal(.mjpeg)?.description.contains("leave the device out") == true)
    }

    #if X264
    @Test func withoutOneThatCanTheLibraryIsTaken() throws {
        // Too large.
        #expect(try make(Self.usual(), size: Resolution(5120, 2880)).name == "libx264")
        // An option that it does not have, or has no control for.
        #expect(try make(Self.usual(), options: EncoderOptions { $0.preset = "medium" }).name == "libx264")
        #expect(try make(ScriptedEncoder(), options: EncoderOptions { $0.bitRate = 2_000_000 }).name == "libx264")
        // Another format, no raw format that is known, in use, broken.
        #expect(try make(Self.usual { $0.coded = [PixelFormat(fourCC: "VP80")] }).name == "libx264")
        #expect(try make(Self.usual { $0.raw = [PixelFormat(fourCC: "pBAA")] }).name == "libx264")
        for (call, errno) in [
            ("open", Errno.resourceBusy), ("VIDIOC_S_FMT", .resourceBusy), ("VIDIOC_QUERYCAP", .ioError),
        ] {
            let driver = Self.usual()
            driver.fail(call, with: errno)
            #expect(try make(driver).name == "libx264")
            #expect(driver.openCount == 0)
        }
    }

    @Test func softwareAsksNoDevice() throws {
        let driver = Self.usual()
        #expect(try make(driver, options: EncoderOptions { $0.codecDevice = .software }).name == "libx264")
        #expect(driver.log == [])
    }
    #endif

    @Test func otherFormatsAskNoDevice() throws {
        let driver = Self.usual()
        #expect(try make(driver, .mjpeg).name == "libjpeg-turbo")
        #expect(driver.log == [])
    }
}
