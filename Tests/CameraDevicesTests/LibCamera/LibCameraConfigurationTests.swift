// SPDX-License-Identifier: MIT

import CLibCamera
import CameraCore
import CameraDevices
import SystemPackage
import TestSupport
import Testing
import V4L2

extension ScriptedLibCameraTests {
    /// What is asked of a camera, what it refuses, and how that is told.
    @Suite struct LibCameraConfigurationTests {
        private typealias Configuration = LibCameraConfiguration

        @Test func theMainStreamIsConfiguredWhileTheOthersStay() throws {
            let camera = try open(ScriptedLibCamera.reset(), "ov5647", three)
            defer { camera.close() }
            #expect(camera.id == "/base/camera@2")
            try camera.configure(
                SourceConfiguration(resolution: Resolution(128, 96), frameRate: 60, pixelFormat: .yuv420))
            #expect(camera.streams.map(\.size) == [Resolution(128, 96), Resolution(32, 24), Resolution(64, 48)])
            #expect(camera.streams[0].format == .yuv420)
            #expect(camera.streams.map(\.frameRate) == [60, 60, 60])
            try camera.start()
            #expect(ScriptedLibCamera.script.frameDuration == 16666)
            #expect(throws: CameraError.self) { try camera.configure(three) }
        }

        @Test func withoutAWishItRunsAt30() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            #expect(camera.streams[0].frameRate == 30)
            try camera.start()
            #expect(ScriptedLibCamera.script.frameDuration == 33333)
        }

        @Test(arguments: [
            (Configuration(streams: [.init(.video, resolution: Resolution(63, 48))]), "ask for that", "nv12 at 62x48"),
            (Configuration(streams: [.init(.video, pixelFormat: .rgb24)]), "it has no format rgb24", "yuv420, nv12"),
            (Configuration(streams: Array(repeating: .init(.video), count: 4)), "only 3 streams at a time", "not 4"),
            (Configuration(streams: []), "1 to 4", "streams"),
            (Configuration(frameRate: 500), "it makes 1.0 to 120.0", "frames per second"),
            (Configuration(flipsHorizontally: true), "cannot", "flipping"),
        ]) func whatItCannotDoIsRefusedWithWhatItCan(wish: LibCameraConfiguration, words: String, more: String) throws {
            let shim = ScriptedLibCamera.reset { $0.canFlip = false }
            let error = #expect(throws: CameraError.self) { try open(shim, nil, wish) }
            let text = error?.description ?? ""
            #expect(text.contains(words) && text.contains(more), "\(text)")
            // And an open camera keeps what it has.
            let camera = try open(shim)
            defer { camera.close() }
            let before = camera.streams
            #expect(throws: CameraError.self) { try camera.configure(wish) }
            #expect(camera.streams == before)
        }

        @Test func aRateIsRefusedWhereItCannotBeSet() throws {
            let shim = ScriptedLibCamera.reset { $0.frameDurations = nil }
            let camera = try open(shim)
            try camera.start()
            #expect(ScriptedLibCamera.script.frameDuration == 0)
            camera.close()
            let error = #expect(throws: CameraError.self) { try open(shim, nil, Configuration(frameRate: 10)) }
            #expect(error?.code == .unsupported)
        }

        @Test func theCameraThatIsInUseNamesTheProgram() throws {
            var calls = SystemCalls.linux
            calls.names = { folder in
                switch folder {
                case "/sys/class/video4linux": ["video0", "v4l-subdev0"]
                case "/sys/class/video4linux/video0/device": ["driver", "media3"]
                case "/proc": ["self", "1", "4711"]
                case "/proc/4711/fd": ["0", "9"]
                default: []
                }
            }
            calls.linkTarget = { $0 == "/proc/4711/fd/9" ? "/dev/media3" : $0 == "/proc/self" ? "99" : nil }
            calls.text = { path in
                switch path {
                case "/sys/class/video4linux/video0/dev": "81:0\n"
                case "/proc/4711/fdinfo/9": "pos:\t0\nlock:\t1: POSIX  ADVISORY  WRITE 4711 00:06:9 0 EOF\n"
                case "/proc/4711/comm": "rpicam-vid\n"
                default: nil
                }
            }
            let shim = ScriptedLibCamera.reset { $0.acquireResult = -Errno.resourceBusy.rawValue }
            let error = #expect(throws: CameraError.self) { try open(shim, calls: calls) }
            #expect(error?.code == .busy)
            #expect(error?.description.contains("rpicam-vid (process 4711) uses it") ?? false, "\(error as Any)")
            #expect(ScriptedLibCamera.script.sessions == 0)
        }

        @Test func missingPermissionsNameTheGroup() throws {
            let shim = ScriptedLibCamera.reset { $0.acquireResult = -Errno.permissionDenied.rawValue }
            let error = #expect(throws: CameraError.self) { try open(shim) }
            #expect(error?.code == .permissionDenied)
            #expect(error?.description.contains("group 'video'") ?? false)
        }

        @Test func libcamerasOwnWordsAreTold() throws {
            let shim = ScriptedLibCamera.reset { script in
                script.retainResult = -Errno.ioError.rawValue
                script.lastError = "Unable to open media device"
            }
            let error = #expect(throws: CameraError.self) { try open(shim) }
            #expect(error?.description.contains("Unable to open media device") ?? false)
        }

        /// No node at all, one that must not be opened, and one that libcamera makes nothing of.
        @Test(
            arguments: [
                ([], nil, CameraError.Code.notFound, "no /dev/media*"),
                (["media0", "media1"], Errno.permissionDenied, .permissionDenied, "'/dev/media0'"),
                (["media0", "media1"], nil, .notFound, "/dev/media0, /dev/media1"),
            ] as [([String], Errno?, CameraError.Code, String)])
        func noCameraHasItsReason(nodes: [String], refusal: Errno?, code: CameraError.Code, words: String) throws {
            let shim = ScriptedLibCamera.reset { $0.cameras = [] }
            var calls = SystemCalls.linux
            calls.names = { $0 == "/dev" ? nodes : [] }
            calls.open = { _ in refusal.map(Result.failure) ?? .success(-1) }
            calls.close = { _ in }
            let error = #expect(throws: CameraError.self) { try open(shim, calls: calls) }
            #expect(error?.code == code)
            #expect(error?.description.contains(words) ?? false, "\(error as Any)")
        }

        @Test func aNameThatThereIsNotIsToldWithThoseThereAre() throws {
            let error = #expect(throws: CameraError.self) { try open(ScriptedLibCamera.reset(), "imx708") }
            #expect(error?.code == .notFound)
            #expect(error?.description.contains("/base/camera@1 (imx219), /base/camera@2 (ov5647)") ?? false)
        }

        @Test func camerasAreDescribed() throws {
            var calls = SystemCalls.linux
            calls.names = { $0 == "/sys/class/video4linux" ? ["video0", "video1"] : [] }
            calls.text = { ["0": "81:0\n", "1": "81:1\n"][String($0.dropLast(4).suffix(1))] }
            calls.linkTarget = { $0.hasSuffix("video0/device/driver") ? "../../bus/usb/drivers/uvcvideo" : nil }
            let cameras = LibCamera.available(try LibCameraUse(ScriptedLibCamera.reset()), calls: calls)
            #expect(cameras.map(\.id) == ["/base/camera@1", "/base/camera@2"])
            #expect(cameras[0].model == "imx219")
            #expect(cameras[0].location == .back)
            #expect(cameras[0].rotation == 180)
            #expect(cameras[0].nodes == ["/dev/video0"])
            #expect(cameras.map(\.isWebcam) == [true, false])
            #expect(cameras[0].formats.map(\.pixelFormat) == [.yuv420, .nv12])
            #expect(cameras[0].formats[0].largest == Resolution(640, 480))
            #expect(cameras[0].controls.map(\.name).contains("Brightness"))
            #expect(ScriptedLibCamera.script.sessions == 0)
            #expect(ScriptedLibCamera.script.uses == 0)
        }
    }

    /// Controls by libcamera's names.
    @Suite struct LibCameraControlTests {
        @Test func controlsHaveTheirKinds() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            let controls = Dictionary(uniqueKeysWithValues: try camera.controls().map { ($0.name, $0) })
            #expect(controls["Brightness"]?.kind == .number(-1...1))
            #expect(controls["Brightness"]?.value == .number(0))
            #expect(controls["AeEnable"]?.kind == .boolean)
            #expect(controls["AeEnable"]?.defaultValue == .integer(1))
            #expect(controls["ExposureTime"]?.kind == .integer(100...66666, step: 1))
            #expect(controls["ExposureTime"]?.value == nil)
            #expect(controls["ColourGains"]?.kind == .numbers(0...32, count: 2))
            #expect(controls["ScalerCrop"]?.kind == .array(0...3280, step: 1, dimensions: [4]))
            #expect(controls["AfWindows"]?.kind == .list(0...3280, step: 1, limit: 64))
            #expect(controls["FrameDurationLimits"]?.kind == .array(8333...1_000_000, step: 1, dimensions: [2]))
            #expect(
                controls["AwbMode"]?.kind
                    == .menu([
                        .init(number: 0, name: "AwbAuto"), .init(number: 2, name: "AwbTungsten"),
                        .init(number: 5, name: "AwbDaylight"),
                    ]))
            #expect(controls["Unknown"]?.kind == .other)
        }

        @Test func whatIsSetReachesTheCamera() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            try camera.setControl("Brightness", to: .number(-0.5))
            try camera.setControl("AwbMode", to: .text("AwbDaylight"))
            try camera.setControl("ColourGains", to: .text("1.5,2.25"))
            try camera.setControl("ScalerCrop", to: .array([.integer(8), .integer(4), .integer(640), .integer(480)]))
            let settings = ScriptedLibCamera.script.settings
            #expect(settings == [9: [-0.5], 13: [5], 15: [1.5, 2.25], 22: [8, 4, 640, 480]])
            let brightness = try camera.controls().first { $0.name == "Brightness" }
            #expect(brightness?.value == .number(-0.5))
        }

        @Test func whatThePictureWasTakenWithIsTheValue() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            try camera.setControl("ExposureTime", to: .integer(5000))
            try camera.start()
            ScriptedLibCamera.complete(0) { completion in
                completion.metadata.exposure_time = 4990
                completion.metadata.known = UInt32(CLC_KNOWS_EXPOSURE_TIME)
            }
            _ = try camera.next(timeout: .zero)
            #expect(try camera.controls().first { $0.name == "ExposureTime" }?.value == .integer(4990))
        }

        @Test(arguments: [
            ("Brightness", ControlValue.number(1.5), CameraError.Code.invalidValue, "-1.0 to 1.0"),
            ("ColourGains", .number(1), .invalidValue, "2 numbers"),
            ("Unknown", .integer(1), .unsupported, "cannot be set"),
            ("Zoom", .integer(1), .unknownOption, "AeEnable, AeExposureMode"),
        ]) func whatAControlDoesNotTakeIsRefused(
            name: String, value: ControlValue, code: CameraError.Code, words: String
        ) throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            let error = #expect(throws: CameraError.self) { try camera.setControl(name, to: value) }
            #expect(error?.code == code)
            #expect(error?.description.contains(words) ?? false, "\(error as Any)")
            #expect(ScriptedLibCamera.script.settings.isEmpty)
        }
    }
}
