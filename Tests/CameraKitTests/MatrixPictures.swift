// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// Expects files that each are one JPEG picture and nothing else, as our marker parser, ImageMagick and djpeg see it.
///
/// - Returns: The numbers that the pictures show.
@discardableResult
func expectJPEGs(_ paths: [String], size: Resolution) throws -> [UInt32?] {
    let identified = try run("identify", ["-regard-warnings", "-format", "%m %wx%h\n"] + paths)
    #expect(identified.status == 0, "\(identified.errors)")
    #expect(identified.text == String(repeating: "JPEG \(size)\n", count: paths.count))
    return try paths.flatMap { path in
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let pictures = try jpegPictures(in: bytes)
        #expect(pictures.map(\.range) == [0..<bytes.count])
        #expect(pictures.map(\.size) == [size])
        let decoded = try run("djpeg", ["-strict", "-grayscale", "-pnm", path])
        #expect(decoded.status == 0, "\(decoded.errors)")
        let header = Data("P5\n\(size.width) \(size.height)\n255\n".utf8)
        #expect(decoded.output.starts(with: header))
        return NumberedVideo.numbers(
            in: Data(decoded.output.dropFirst(header.count)), size: size, format: .grey)
    }
}

/// Expects files that each are one whole picture of a format, as ImageMagick and ffmpeg see it.
///
/// - Returns: The numbers that the pictures show.
func expectPictures(_ paths: [String], _ format: MediaFormat, size: Resolution) throws -> [UInt32?] {
    let identified = try run("identify", ["-regard-warnings", "-format", "%[magick] %wx%h\n"] + paths)
    #expect(identified.status == 0, "\(identified.errors)")
    // ImageMagick tells the version of the header.
    let name = format == .bmp ? "BMP3" : format.rawValue.uppercased()
    #expect(identified.text == String(repeating: "\(name) \(size)\n", count: paths.count))
    return try paths.flatMap { path in
        let decoded = try run(
            "ffmpeg",
            [
                "-v", "error", "-xerror", "-err_detect", "explode", "-f", "\(format)_pipe", "-i", path,
                // ffmpeg 7 repeats the picture of a GIF for as long as it is shown.
                "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-",
            ])
        #expect(decoded.status == 0 && decoded.errors.isEmpty, "\(decoded.errors)")
        #expect(decoded.output.count == size.pixelCount)
        return NumberedVideo.numbers(in: decoded.output, size: size, format: .grey)
    }
}

extension TemporaryFolder {
    /// Writes streams into files.
    func files(of streams: [MemoryOutput]) throws -> [String] { try files(of: streams.map(\.data)) }

    /// Writes bytes into files.
    func files(of contents: [[UInt8]]) throws -> [String] {
        try contents.enumerated().map { index, bytes in
            try Data(bytes).write(to: file("stream-\(index)"))
            return path("stream-\(index)")
        }
    }
}
