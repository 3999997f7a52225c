// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// A colour chart goes through the camera into every format and comes back by way of other programs.
@Suite struct ChartTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let format: PixelFormat
        let color: ColorSpace
        /// What the colours of a stream in YUV are called by ffmpeg: range, matrix, transfer, primaries.
        let names: [String]

        var testDescription: String { "\(format.name) as \(names.joined(separator: "/"))" }

        static let all =
            [PixelFormat.yuv420, .nv12, .yuyv].flatMap { format in
                [ColorSpace.Range.limited, .full].flatMap { range -> [Case] in
                    let name = range == .full ? "pc" : "tv"
                    var (old, new) = (ColorSpace.bt601, ColorSpace.bt709)
                    old.range = range
                    new.range = range
                    return [
                        Case(format: format, color: old, names: [name, "smpte170m", "smpte170m", "smpte170m"]),
                        Case(format: format, color: new, names: [name, "bt709", "bt709", "bt709"]),
                    ]
                }
                // RGB becomes what video of that size is expected to be.
            } + [Case(format: .rgb24, color: .sRGB, names: ["tv", "smpte170m", "smpte170m", "smpte170m"])]

        func camera() throws -> Camera {
            try Camera(.source(try #require(ChartSource(format: format, color: color))))
        }
    }

    @Test(arguments: Case.all) func rgb24(_ item: Case) throws {
        let camera = try item.camera()
        defer { camera.close() }
        let output = MemoryOutput()
        try camera.capture(to: .output(output), format: .rgb24)
        expectChart(output.data)
    }

    @Test(arguments: Case.all) func jpeg(_ item: Case) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("chart.jpg")
        let camera = try item.camera()
        defer { camera.close() }
        try camera.capture(to: .path(path), options: EncoderOptions { $0.quality = 95 })
        try expectDecodedChart(path, "mjpeg", range: "pc", matrix: "bt470bg")
        let converted = try run("convert", [path, "-depth", "8", "rgb:-"])
        #expect(converted.status == 0, "\(converted.errors)")
        expectChart([UInt8](converted.output))
    }

    @Test(arguments: Case.all) func mjpeg(_ item: Case) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("chart.mjpeg")
        let camera = try item.camera()
        defer { camera.close() }
        try camera.startRecording(to: .path(path), options: EncoderOptions { $0.quality = 95 })
        try camera.waitRecording(pictures: 2)
        try camera.stopRecording()
        try expectDecodedChart(path, "mjpeg", range: "pc", matrix: "bt470bg")
    }

    #if X264
    @Test(arguments: Case.all) func h264(_ item: Case) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("chart.h264")
        let camera = try item.camera()
        defer { camera.close() }
        try camera.startRecording(to: .path(path), options: EncoderOptions { $0.quality = 10 })
        try camera.waitRecording(pictures: 2)
        try camera.stopRecording()
        #expect(try ProbedVideo(path, format: "h264").color == item.names)
        try expectDecodedChart(path, "h264", range: item.names[0], matrix: item.names[1])
    }
    #endif

    /// Decodes with ffmpeg by the colours that ffprobe finds in the file, which must be those given.
    private func expectDecodedChart(_ path: String, _ format: String, range: String, matrix: String) throws {
        let probed = try ProbedVideo(path, format: format)
        #expect(probed.size == ChartSource.size)
        #expect(Array(probed.color.prefix(2)) == [range, matrix])
        // The scaler has one name for the two matrices of BT.601.
        let coefficients = matrix == "bt709" ? "bt709" : "bt601"
        let decoded = try run(
            "ffmpeg",
            [
                "-v", "error", "-xerror", "-err_detect", "explode", "-f", format, "-i", path, "-vf",
                "scale=in_color_matrix=\(coefficients):in_range=\(range):out_range=pc:flags=accurate_rnd+full_chroma_int",
                "-f", "rawvideo", "-pix_fmt", "rgb24", "-",
            ])
        #expect(decoded.status == 0 && decoded.errors == "", "\(decoded.errors)")
        expectChart([UInt8](decoded.output))
    }

    /// Expects pictures in RGB whose patches have the chart's colours in their middles, within three levels.
    private func expectChart(_ pixels: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
        let size = ChartSource.size
        #expect(!pixels.isEmpty && pixels.count.isMultiple(of: 3 * size.pixelCount), sourceLocation: sourceLocation)
        for start in stride(from: 0, to: pixels.count, by: 3 * size.pixelCount) {
            for (index, color) in ChartSource.patches.enumerated() {
                let x = index % ChartSource.columns * ChartSource.side + ChartSource.side / 2
                let y = index / ChartSource.columns * ChartSource.side + ChartSource.side / 2
                let place = start + 3 * (y * size.width + x)
                guard place + 2 < pixels.count else { return }
                let found = SIMD3(pixels[place], pixels[place + 1], pixels[place + 2])
                let difference = SIMD3<Double>(found) - color
                let worst = pointwiseMax(difference, -difference).max()
                #expect(worst <= 3, "patch \(index): \(color) came back as \(found)", sourceLocation: sourceLocation)
            }
        }
    }
}
