// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraDevices
public import Foundation

/// What ffmpeg makes of a video that shows frame numbers.
public struct NumberedVideo: Sendable {
    /// The number on each picture; nil where it cannot be read.
    public let numbers: [UInt32?]
    /// What ffmpeg had to say; empty for a video without a fault.
    public let complaints: String

    /// Decodes a file, strictly.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - size: The size that the pictures must have.
    ///   - input: Options of ffmpeg in front of the file, such as a raw video's layout.
    /// - Throws: When ffmpeg cannot be started.
    public init(decoding path: String, size: Resolution, input: [String] = []) throws {
        self = try Self.decode([(path, size)], input: input)[0]
    }

    /// Decodes files, strictly and each by a decoder of its own, with one call of ffmpeg.
    ///
    /// - Parameters:
    ///   - files: The files, and the size that the pictures of each must have.
    ///   - input: Options of ffmpeg in front of each file.
    /// - Returns: One video for each file; all have the complaints, which do not tell the files apart.
    /// - Throws: When ffmpeg cannot be started.
    public static func decode(_ files: [(path: String, size: Resolution)], input: [String] = []) throws
        -> [NumberedVideo]
    {
        let scratch = try TemporaryFolder()
        var arguments = ["-v", "error", "-xerror", "-nostdin"]
        for file in files { arguments += ["-err_detect", "explode"] + input + ["-i", file.path] }
        for index in files.indices {
            arguments += [
                "-map", "\(index):v", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray",
                scratch.path("\(index)"),
            ]
        }
        let decoded = try run("ffmpeg", arguments)
        return files.enumerated().map { index, file in
            let pictures = (try? Data(contentsOf: scratch.file("\(index)"))) ?? Data()
            let count = file.size.width * file.size.height
            guard decoded.status == 0, !pictures.isEmpty, pictures.count % count == 0 else {
                return NumberedVideo(
                    numbers: [],
                    complaints: "exit \(decoded.status), \(pictures.count) bytes: \(decoded.errors)")
            }
            return NumberedVideo(
                numbers: numbers(in: pictures, byteCount: count, stride: file.size.width, size: file.size),
                complaints: decoded.errors)
        }
    }

    /// The numbers of a video whose end is missing, as players show it: what is wrong with the last picture is no matter.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - size: The size that the pictures must have.
    /// - Returns: The numbers, -1 where one cannot be read; without a last picture that does not follow.
    /// - Throws: When ffmpeg cannot be started.
    public static func numbers(ofCut path: String, size: Resolution) throws -> [Int] {
        let words = ["-v", "quiet", "-nostdin", "-i", path, "-fps_mode", "passthrough", "-f", "rawvideo"]
        let decoded = try run("ffmpeg", words + ["-pix_fmt", "yuv420p", "-"])
        var found = numbers(in: decoded.output, size: size, format: .yuv420).map { $0.map(Int.init) ?? -1 }
        if found.count > 1, found[found.count - 1] != found[found.count - 2] + 1 { found.removeLast() }
        return found
    }

    /// The numbers of raw pictures, one after the other.
    ///
    /// - Parameters:
    ///   - pictures: Whole pictures, at least one.
    ///   - size: Their size.
    ///   - format: Their layout.
    /// - Returns: The number on each picture; nil where it cannot be read.
    public static func numbers(in pictures: Data, size: Resolution, format: PixelFormat) -> [UInt32?] {
        guard let byteCount = format.byteCount(of: size), let layout = format.layout(ofPlane: 0),
            pictures.count % byteCount == 0
        else { return [] }
        return numbers(
            in: pictures, byteCount: byteCount, stride: layout.rowBytes(width: size.width), size: size,
            step: layout.bytesPerGroup)
    }

    private init(numbers: [UInt32?], complaints: String) {
        self.numbers = numbers
        self.complaints = complaints
    }

    private static func numbers(
        in pictures: Data, byteCount: Int, stride rowBytes: Int, size: Resolution, step: Int = 1
    ) -> [UInt32?] {
        pictures.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: byteCount).map { start in
                guard let base = bytes.baseAddress else { return nil }
                return FrameNumberCode.read(luma: base + start, stride: rowBytes, size: size, step: step)
            }
        }
    }
}
