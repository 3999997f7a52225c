// SPDX-License-Identifier: MIT

import CameraDevices
import CameraKit
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// USB webcams behind the kernel's own driver; their part is played by a program.
    @Suite struct WebcamTests {
        static let transfers = [WebcamDescriptors.Transfer.bulk, .isochronous]
        static let size = Resolution(320, 240)

        /// A webcam's video device, which runs.
        static func start(_ webcam: USBWebcam, _ format: PixelFormat = .yuyv) throws -> V4L2Camera {
            let camera = try source(webcam, format)
            try camera.start()
            return camera
        }

        /// A webcam's video device at 10 frames per second.
        static func source(_ webcam: USBWebcam, _ format: PixelFormat = .yuyv) throws -> V4L2Camera {
            try V4L2Camera(
                webcam.node(),
                configuration: SourceConfiguration(resolution: size, frameRate: 10, pixelFormat: format))
        }

        /// The picture that the webcam sends with a number.
        static func picture(_ number: UInt64, _ format: PixelFormat) throws -> [UInt8] {
            var mode = WebcamMode()
            mode.format = format == .yuyv ? .yuyv : .mjpeg
            return try WebcamPictures.shared.get().picture(Int(number), mode)
        }

        @Test(arguments: transfers, [PixelFormat.yuyv, .mjpeg])
        func picturesArriveAsTheyWereSent(transfer: WebcamDescriptors.Transfer, format: PixelFormat) throws {
            let webcam = try USBWebcam(transfer)
            let camera = try Self.start(webcam, format)
            defer { camera.close() }
            for _ in 0..<10 {
                let frame = try camera.nextFrame()
                #expect(frame.packed == (try Self.picture(frame.info.sequence, format)))
            }
            #expect(camera.counts == SourceCounts())
        }

        @Test func theListHasTheWebcamWhileItIsPluggedIn() throws {
            let webcam = try USBWebcam()
            let node = try webcam.node()
            let camera = try #require(try V4L2Camera.available().first { $0.path == node })
            #expect(camera.card.hasPrefix(webcam.name))
            #expect(camera.driver == "uvcvideo")
            #expect(camera.formats.map(\.pixelFormat) == [.yuyv, .mjpeg])
            for format in camera.formats {
                #expect(format.sizes.map(\.largest) == WebcamMode.sizes)
                #expect(format.sizes.allSatisfy { $0.frameRates.map(\.framesPerSecond.rounded) == [15, 10, 5] })
            }
            let tool = Bundle.main.bundleURL.appendingPathComponent("camera").path
            let listing = try run(tool, ["list"]).text
            #expect(listing.contains("\(node)  \(webcam.name)"), "\(listing)")
            #expect(listing.contains("brightness"))
            webcam.unplug()
            #expect(try eventually { try !V4L2Camera.available().contains { $0.driver == "uvcvideo" } })
        }

        @Test func theControlsAreTheWebcams() throws {
            let webcam = try USBWebcam()
            let camera = try Self.source(webcam)
            defer { camera.close() }
            let controls = try camera.controls()
            #expect(controls.first { $0.name == "brightness" }?.kind == .integer(-64...64, step: 1))
            #expect(controls.first { $0.name == "contrast" }?.defaultValue == .integer(50))
            try camera.setControl("brightness", to: .integer(-17))
            // Another file descriptor: the kernel keeps values for the device, and v4l2-ctl shows them.
            #expect(try run("v4l2-ctl", ["-d", camera.name, "-C", "brightness"]).text == "brightness: -17\n")
            webcam.stallPictureControls()
            #expect(throws: CameraError.self) { try camera.setControl("brightness", to: .integer(5)) }
            try camera.setControl("brightness", to: .integer(5))
            #expect(try run("v4l2-ctl", ["-d", camera.name, "-C", "brightness"]).text == "brightness: 5\n")
        }

        /// Two recordings of a webcam that spoils pictures: the numbers that the files lack are those that were counted.
        @Test(arguments: [PixelFormat.yuyv, .mjpeg])
        func recordingsLackOnlyWhatWasLost(format: PixelFormat) throws {
            let webcam = try USBWebcam()
            let folder = try TemporaryFolder()
            webcam.spoil([12: .errorBit, 13: .errorBit, 17: .errorBit])
            let camera = try Camera(.source(try Self.source(webcam, format)), stallLimit: V4L2Camera.patience)
            defer { camera.close() }
            let second: MediaFormat = format == .yuyv ? .yuv420 : .mjpeg
            try camera.startRecordings([
                RecordingRequest(to: .path(folder.path("clip.h264")), splitterPort: 1),
                RecordingRequest(to: .path(folder.path("clip.second")), format: second, splitterPort: 2),
            ])
            #expect(eventually { webcam.sent.count >= 25 })
            try camera.stopRecording(splitterPort: 1)
            try camera.stopRecording(splitterPort: 2)
            let statistics = camera.statistics
            #expect(statistics.source.framesDamaged == 0)

            let videos = [
                try NumberedVideo(decoding: folder.path("clip.h264"), size: Self.size),
                try NumberedVideo(
                    decoding: folder.path("clip.second"), size: Self.size,
                    input: second == .mjpeg
                        ? ["-f", "mjpeg"]
                        : ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", "\(Self.size)"]),
            ]
            for (port, video) in zip(1..., videos) {
                #expect(video.complaints == "")
                let encoder = try #require(statistics.encoders[port])
                let numbers = video.numbers.compactMap { $0.map(Int.init) }
                #expect(numbers.count == encoder.packetsWritten)
                #expect(Set(numbers).isDisjoint(with: [12, 13, 17]))
                let last = try #require(numbers.last)
                // The first pictures came before the recordings had begun.
                let missing = try #require(numbers.first) + statistics.source.framesLost + encoder.framesDropped
                #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "\(numbers)")
                #expect(last + 1 - numbers.count == missing, "\(numbers)")
                #expect(encoder.framesReceived == encoder.packetsWritten + encoder.framesDropped)
            }
            #expect(statistics.source.framesLost == 3)
        }
    }
}

extension Double {
    /// The nearest whole number.
    fileprivate var rounded: Int { Int(self.rounded()) }
}
