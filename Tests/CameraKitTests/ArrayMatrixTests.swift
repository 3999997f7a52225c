// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// picamera's test_array.py on the test camera; what needs no camera is in `ArrayOutputTests`.
@Suite struct ArrayMatrixTests {
    /// Notes the shape of each picture that it is given, and whether its first and last row are all one colour.
    private final class Shapes: FrameAnalysis, @unchecked Sendable {
        // Unchecked: the notes are locked.
        let shapes = Mutex<[[Int]]>([])
        let plainCount = Mutex(0)

        override func analyze(_ pixels: PixelArray<UInt8>, _ info: PacketInfo) {
            let rows = [pixels.elements.prefix(3 * pixels.columns), pixels.elements.suffix(3 * pixels.columns)]
            let isPlain = rows.allSatisfy { Set($0).count == 1 }
            plainCount.withLock { $0 += isPlain ? 1 : 0 }
            shapes.withLock { $0.append([pixels.rows, pixels.columns, pixels.channels]) }
        }
    }

    /// `rgb_array1`, `rgb_array3`, `yuv_array1`, `yuv_array3`.
    @Test(arguments: PicameraMode.all, [MediaFormat.rgb24, .yuv420])
    func capturesToArray(mode: PicameraMode, format: MediaFormat) throws {
        let camera = try mode.camera()
        defer { camera.close() }
        let output = ArrayOutput()
        let half = Resolution(mode.size.width / 2, mode.size.height / 2)
        for resize in [nil, half] {
            try camera.capture(to: .output(output), format: format, resize: resize)
            let size = resize ?? mode.size
            for pixels in [try output.pixels, try output.rgbPixels] {
                #expect(pixels.rows == size.height && pixels.columns == size.width && pixels.channels == 3)
            }
            let frame = try #require(output.frame)
            #expect(frame.format == format.pixelFormat && frame.size == size)
            let isReadable = size.width >= 64 && size.height >= 48
            #expect(!isReadable || FrameNumberCode.read(frame) != nil)
        }
    }

    /// `rgb_buffer`, `yuv_buffer`: picamera's buffers had rows of 32 and columns of 16 pixels; here nothing is padded.
    @Test(arguments: PicameraMode.all, [MediaFormat.rgb24, .yuv420])
    func capturesToBuffer(mode: PicameraMode, format: MediaFormat) throws {
        let camera = try mode.camera()
        defer { camera.close() }
        let needed = try #require(format.pixelFormat?.byteCount(of: mode.size))
        let padded = (mode.size.width + 31) / 32 * 32 * ((mode.size.height + 15) / 16 * 16) * 3
        for capacity in [needed, padded] {
            let buffer = try BufferOutput(capacity: capacity)
            try camera.capture(to: .output(buffer), format: format)
            #expect(buffer.count == needed)
        }
    }

    /// `rgb_analysis1`, `yuv_analysis1`.
    @Test(arguments: PicameraMode.all, [MediaFormat.rgb24, .yuv420])
    func analyzesEachFrame(mode: PicameraMode, format: MediaFormat) throws {
        let camera = try mode.camera()
        defer { camera.close() }
        let output = Shapes()
        try camera.startRecording(to: .output(output), format: format)
        try camera.waitRecording(pictures: 3)
        try camera.stopRecording()
        let shapes = output.shapes.withLock { $0 }
        #expect(shapes.count >= 3)
        #expect(Set(shapes) == [[mode.size.height, mode.size.width, 3]])
        #expect(output.plainCount.withLock { $0 } == 0)
    }

    /// `array_writable`, `analysis_writable`: what takes a picture is an output.
    @Test func arraysAreOutputs() {
        for output in [ArrayOutput(), Shapes()] as [Any] { #expect(output is any Output) }
    }

    /// `array_no_analyze` in a recording, whose error arrives where the recording is waited for.
    @Test func anAnalysisThatDoesNothingEndsTheRecording() throws {
        let camera = try PicameraMode.all[0].camera()
        defer { camera.close() }
        try camera.startRecording(to: .output(FrameAnalysis()), format: .rgb24)
        let error = #expect(throws: CameraError.self) { try camera.waitRecording(.seconds(60)) }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains("override analyze(_:_:)"))
        #expect(throws: CameraError.self) { try camera.stopRecording() }
    }

    // MARK: Behind the filter

    private func sensor(_ mode: PicameraMode, frameLimit: Int? = nil) throws -> Camera {
        try Camera(
            .source(
                TestCamera(
                    resolution: mode.size, frameRate: mode.frameRate, format: .rggb8, pacing: .none, numbered: true,
                    frameLimit: frameLimit)))
    }

    /// `bayer_array`: the sensor's numbers, and colours made of them.
    @Test(arguments: PicameraMode.all) func readsTheSensorsNumbers(mode: PicameraMode) async throws {
        let camera = try sensor(mode)
        defer { camera.close() }
        for try await frame in try camera.frames() {
            let pattern = try #require(frame.format.bayer)
            #expect(pattern == BayerPattern(.rggb, bits: 8))
            let numbers = try frame.bayerPixels()
            #expect(numbers.rows == mode.size.height && numbers.columns == mode.size.width && numbers.channels == 1)
            let colors = try numbers.demosaiced(pattern)
            #expect(colors.rows == mode.size.height && colors.columns == mode.size.width && colors.channels == 3)
            #expect(colors[8, 8, 0] == numbers[8, 8, 0] && colors[9, 9, 2] == numbers[9, 9, 0])
            break
        }
    }

    /// `bayer_bad`: what is no such frame has no such numbers.
    @Test func otherFramesHaveNone() async throws {
        let camera = try PicameraMode.all[0].camera()
        defer { camera.close() }
        for try await frame in try camera.frames() {
            let error = #expect(throws: CameraError.self) { try frame.bayerPixels() }
            #expect(error?.code == .unsupported)
            break
        }
    }

    /// Every encoder works from such a camera.
    @Test(arguments: PicameraMode.all) func recordsAndCapturesColors(mode: PicameraMode) throws {
        let folder = try TemporaryFolder()
        let camera = try sensor(mode)
        defer { camera.close() }
        let output = ArrayOutput()
        try camera.capture(to: .output(output), format: .rgb24)
        #expect(output.frame.flatMap(FrameNumberCode.read) != nil)
        let jpeg = folder.path("a.jpg")
        try camera.capture(to: .path(jpeg))
        #expect(try expectJPEGs([jpeg], size: mode.size).compactMap(\.self).count == 1)
        let short = try sensor(mode, frameLimit: 2)
        defer { short.close() }
        let analysis = Shapes()
        try short.startRecording(to: .output(analysis), format: .nv12, resize: Resolution(160, 120))
        #expect(try short.waitRecording(.seconds(120)) == .ended)
        try short.stopRecording()
        #expect(analysis.shapes.withLock { $0 } == [[120, 160, 3], [120, 160, 3]])
    }

    /// picamera's `test_capture_bayer` and `test_capture_sequence_bayer`, which looked into JPEG files.
    @Test(arguments: PicameraMode.all) func capturesDNG(mode: PicameraMode) throws {
        let folder = try TemporaryFolder()
        let camera = try sensor(mode)
        defer { camera.close() }
        let paths = (0..<4).map { folder.path("\($0).dng") }
        try camera.capture(to: .path(paths[0]))
        try camera.captureSequence(to: paths[1...], format: .dng, useVideoPort: true)
        for path in paths {
            let tags = try run("exiftool", ["-s3", "-ImageWidth", "-ImageHeight", "-CFAPattern", path]).text
            #expect(tags == "\(mode.size.width)\n\(mode.size.height)\n[Red,Green][Green,Blue]\n")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path)).suffix(mode.size.pixelCount)
            #expect(
                NumberedVideo.numbers(in: Data(bytes), size: mode.size, format: .rggb8).compactMap(\.self).count == 1)
        }
    }

    @Test func aCameraWithoutSuchFramesSaysWhatWouldDo() throws {
        let folder = try TemporaryFolder()
        let camera = try PicameraMode.all[0].camera()
        defer { camera.close() }
        let error = #expect(throws: CameraError.self) { try camera.capture(to: .path(folder.path("a.dng"))) }
        #expect(error?.code == .unsupported)
        #expect(error?.reason?.contains("delivers nv12") == true)
        #expect(error?.reason?.hasSuffix("open it with the pixel format rggb8") == true)
        let raw = folder.path("a.raw")
        try Data(count: 64 * 48 * 3).write(to: URL(fileURLWithPath: raw))
        let format = RawVideoFormat(format: .rgb24, size: Resolution(64, 48), frameRate: 30)
        let player = try Camera(.source(PlaybackCamera(path: raw, rawFormat: format, pacing: .none)))
        defer { player.close() }
        let refusal = #expect(throws: CameraError.self) { try player.capture(to: .path(folder.path("b.dng"))) }
        #expect(refusal?.reason?.hasSuffix("it has no such pixel format") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a.raw"])
    }

    @Test func aSensorsPictureIsNotScaled() throws {
        let folder = try TemporaryFolder()
        let camera = try sensor(PicameraMode.all[1])
        defer { camera.close() }
        let error = #expect(throws: CameraError.self) {
            try camera.capture(to: .path(folder.path("a.dng")), resize: Resolution(64, 48))
        }
        #expect(error?.code == .unsupported)
        #expect(error?.reason?.contains("leave size, rotation") == true)
        try camera.capture(to: .path(folder.path("b.dng")), resize: PicameraMode.all[1].size)
    }

    // MARK: The documentation

    /// The example of the page on arrays, which is to be found here line by line.
    @Test func theExampleOfTheDocumentationWorks() throws {
        let camera = try PicameraMode.all[1].camera()
        defer { camera.close() }
        // Example.
        final class Brightness: FrameAnalysis, @unchecked Sendable {  // unchecked: only the callback thread uses it
            override func analyze(_ pixels: PixelArray<UInt8>, _ info: PacketInfo) {
                print(info.timestamp, pixels.elements.reduce(0) { $0 + Int($1) } / pixels.elements.count)
            }
        }
        let output = ArrayOutput()
        try camera.capture(to: .output(output), format: .rgb24, resize: Resolution(320, 240))
        print("red in the middle:", try output.pixels[120, 160, 0])
        try camera.startRecording(to: .output(Brightness()), format: .yuv420, resize: Resolution(160, 120))
        // End of the example.
        try camera.waitRecording(pictures: 2)
        try camera.stopRecording()
        func lines(_ text: some StringProtocol) -> [String] {
            text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let here = try #require(source.split(separator: "// Example.\n").dropFirst().first)
            .split(separator: "// End of the example.")[0]
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Docs/Arrays.md")
        let there = try #require(
            String(contentsOf: page, encoding: .utf8).split(separator: "```swift\n").dropFirst().first
        )
        .split(separator: "```")[0]
        #expect(lines(here).filter { !$0.isEmpty } == lines(there))
    }
}
