// SPDX-License-Identifier: MIT

import CameraDevices
import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Pictures that are changed between the camera and its encoders.
@Suite struct StyleTests {
    private static let size = Resolution(64, 48)

    private func camera(_ size: Resolution = Self.size, numbered: Bool = false) throws -> Camera {
        try Camera(
            .source(TestCamera(resolution: size, frameRate: 30, format: .yuv420, pacing: .none, numbered: numbered)))
    }

    /// One picture as planes Y, U, V.
    private func picture(_ camera: Camera, port: Int = 0, resize: Resolution? = nil) throws -> [UInt8] {
        let output = MemoryOutput()
        try camera.capture(to: .output(output), format: .yuv420, resize: resize, splitterPort: port)
        return output.data
    }

    private func painted(_ luma: UInt8) -> @Sendable (_ canvas: inout Canvas) throws -> Void {
        { canvas in
            var bytes = canvas.bytes(ofPlane: 0)
            for offset in 0..<bytes.byteCount { bytes.storeBytes(of: luma, toByteOffset: offset, as: UInt8.self) }
        }
    }

    @Test func aStyleHoldsForAllPortsOrForOne() throws {
        let camera = try camera()
        defer { camera.close() }
        try camera.changeStyle { $0.drawing = painted(200) }
        try camera.changeStyle(splitterPort: 3) { $0.drawing = painted(50) }
        let count = Self.size.pixelCount
        #expect(try picture(camera).prefix(count).allSatisfy { $0 == 200 })
        #expect(try picture(camera, port: 3).prefix(count).allSatisfy { $0 == 50 })
        try camera.removeStyle(splitterPort: 3)
        #expect(try picture(camera, port: 3).prefix(count).allSatisfy { $0 == 200 })
        try camera.changeStyle { $0 = PictureStyle() }
        #expect(try !picture(camera).prefix(count).allSatisfy { $0 == 200 })
    }

    @Test func blackAndWhiteWhileRecording() throws {
        let camera = try camera()
        defer { camera.close() }
        let output = MemoryOutput()
        try camera.startRecording(to: .output(output), format: .yuv420)
        #expect(eventually { camera.statistics.encoders[1]?.packetsWritten ?? 0 > 10 })
        try camera.setColorEffects(.blackAndWhite)
        #expect(camera.colorEffects == .blackAndWhite)
        let mark = (camera.statistics.encoders[1]?.packetsWritten ?? 0) + 20
        #expect(eventually { camera.statistics.encoders[1]?.packetsWritten ?? 0 > mark })
        try camera.stopRecording()
        let data = output.data
        let count = Self.size.pixelCount
        let pictures = stride(from: 0, to: data.count, by: count * 3 / 2).map {
            data[($0 + count)..<($0 + count * 3 / 2)]
        }
        let grey = pictures.map { $0.allSatisfy { $0 == 128 } }
        #expect(grey.first == false)
        #expect(grey.last == true)
        // Once it begins it stays.
        #expect(grey == grey.sorted { !$0 && $1 })
    }

    @Test func aQuarterTurnSwapsTheSides() throws {
        let folder = try TemporaryFolder()
        let camera = try camera()
        defer { camera.close() }
        try camera.setRotation(90)
        #expect(try camera.rotation == 90)
        try camera.startRecording(to: .path(folder.path("turned.mjpeg")))
        try camera.capture(to: .path(folder.path("turned.jpg")))
        let error = #expect(throws: CameraError.self) { try camera.setRotation(0) }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("stop the recording") == true, "\(error as Any)")
        #expect(try camera.rotation == 90)
        // Half a turn more keeps the size.
        try camera.setRotation(270)
        try camera.stopRecording()
        try camera.setRotation(0)
        try camera.capture(to: .path(folder.path("upright.jpg")))
        let sizes = try run(
            "identify", ["-format", "%wx%h ", folder.path("turned.jpg"), folder.path("upright.jpg")]
        ).text
        #expect(sizes == "48x64 64x48 ")
        let probe = [
            "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", folder.path("turned.mjpeg"),
        ]
        #expect(try run("ffprobe", probe).text == "48,64\n")
    }

    /// picamera takes the next smaller right angle, so that 89 degrees do nothing without a word.
    @Test func onlyRightAnglesAreRotations() throws {
        let camera = try camera()
        defer { camera.close() }
        for (degrees, rotation) in [(0, 0), (90, 90), (180, 180), (270, 270), (360, 0), (450, 90), (-90, 270)] {
            try camera.setRotation(degrees)
            #expect(try camera.rotation == rotation)
        }
        for degrees in [1, 45, 89, 91, -1, .max] {
            let error = #expect(throws: CameraError.self) { try camera.setRotation(degrees) }
            #expect(error?.code == .invalidValue)
        }
        #expect(try camera.rotation == 270)
    }

    @Test func softwareSettingsAreOnEveryCamera() throws {
        let camera = try Camera(.source(NumberedSource(size: Self.size)))
        defer { camera.close() }
        let settings = try camera.settings()
        #expect(settings.map(\.setting) == [.rotation, .hflip, .vflip, .zoom, .imageEffect])
        let plain = try picture(camera)
        try camera.setHFlip(true)
        try camera.setVFlip(true)
        #expect(try camera.hflip && camera.vflip)
        let flipped = try picture(camera)
        #expect(flipped != plain)
        try camera.setHFlip(false)
        try camera.setVFlip(false)
        try camera.setImageEffect(.negative)
        #expect(try camera.imageEffect == .negative)
        #expect(try picture(camera) != plain)
        try camera.setImageEffect(.blur, parameters: [1])
        #expect(camera.imageEffectParameters == [1])
        try camera.setImageEffect(.none)
        #expect(camera.imageEffectParameters == [])
        try camera.setZoom(ZoomRegion(x: 0.25, y: 0.25, width: 0.5, height: 0.5))
        #expect(try camera.zoom == ZoomRegion(x: 0.25, y: 0.25, width: 0.5, height: 0.5))
        let error = #expect(throws: CameraError.self) {
            try camera.setZoom(ZoomRegion(x: 0.5, y: 0, width: 0.6, height: 1))
        }
        #expect(error?.code == .invalidValue)
        #expect(try camera.zoom == ZoomRegion(x: 0.25, y: 0.25, width: 0.5, height: 0.5))
    }

    @Test func anOverlayThatIsTooLargeIsRefusedAndTheRecordingGoesOn() throws {
        let camera = try camera()
        defer { camera.close() }
        let output = MemoryOutput()
        try camera.startRecording(to: .output(output), format: .yuv420, resize: Resolution(32, 24))
        let large = try PictureOverlay([UInt8](repeating: 255, count: 40 * 30 * 3), size: Resolution(40, 30))
        let error = #expect(throws: CameraError.self) { try camera.setOverlays([large]) }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("40x30") == true && error?.description.contains("32x24") == true)
        #expect(camera.overlays.isEmpty)
        try camera.waitRecording(.milliseconds(1))
        try camera.stopRecording()
        // Without the small recording it has room.
        try camera.setOverlays([large])
        #expect(throws: CameraError.self) {
            try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420, resize: Resolution(32, 24))
        }
        #expect(try picture(camera).prefix(40).allSatisfy { $0 > 220 })
    }

    @Test func anErrorOfTheDrawingCodeEndsTheRecordingWithIt() throws {
        struct OutOfPaint: Error {}
        let camera = try camera()
        defer { camera.close() }
        try camera.changeStyle { $0.drawing = { _ in throw OutOfPaint() } }
        try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
        let error = #expect(throws: CameraError.self) { while try camera.waitRecording(.seconds(5)) == .running {} }
        #expect(error?.underlying is OutOfPaint)
        #expect(throws: CameraError.self) { try camera.stopRecording() }
    }

    @Test func changesFromSeveralThreadsAllCount() throws {
        let camera = try camera()
        defer { camera.close() }
        let pixel = try PictureOverlay([1, 2, 3], size: Resolution(1, 1))
        let threads = try (0..<4).map { number in
            try WorkerThread("style-\(number)") {
                for _ in 0..<50 { try? camera.changeStyle { $0.overlays.append(pixel) } }
            }
        }
        for thread in threads { thread.join() }
        #expect(camera.overlays.count == 200)
    }

    @Test func badTextIsRefused() throws {
        let camera = try camera()
        defer { camera.close() }
        for annotation in [
            Annotation(String(repeating: "x", count: 100_000)), Annotation("{frame"), Annotation("x") { $0.size = 5 },
            Annotation("x") { $0.size = 161 }, Annotation("x") { $0.font = "/no/such/font.ttf" },
        ] {
            #expect(throws: CameraError.self) { try camera.setAnnotation(annotation) }
            #expect(camera.annotation == nil)
        }
    }

    @Test func numberedFramesStayWholeUnderText() throws {
        // Drawing never touches the camera's own frames, which another port records as they are.
        let folder = try TemporaryFolder()
        let size = Resolution(320, 240)
        let camera = try camera(size, numbered: true)
        defer { camera.close() }
        try camera.changeStyle(splitterPort: 2) { $0.drawing = painted(16) }
        try camera.startRecordings([
            RecordingRequest(to: .path(folder.path("plain.mjpeg")), splitterPort: 1),
            RecordingRequest(to: .path(folder.path("black.mjpeg")), splitterPort: 2),
        ])
        #expect(eventually { camera.statistics.encoders[1]?.packetsWritten ?? 0 >= 60 })
        for port in [1, 2] { try camera.stopRecording(splitterPort: port) }
        let video = try NumberedVideo(decoding: folder.path("plain.mjpeg"), size: size)
        #expect(video.complaints == "")
        #expect(video.numbers.compactMap(\.self) == (0..<video.numbers.count).map(UInt32.init))
        let black = try NumberedVideo(decoding: folder.path("black.mjpeg"), size: size)
        #expect(black.numbers.allSatisfy { $0 == nil || $0 == 0 })
    }
}
