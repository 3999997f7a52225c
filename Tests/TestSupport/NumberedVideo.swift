// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraDevices
internal import Foundation

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
    public init(decoding path: String, size: Resolution, input: [String] = []) throws {
        let decoded = try run(
            "ffmpeg",
            ["-v", "error", "-xerror", "-err_detect", "explode"] + input + [
                "-i", path, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-",
            ])
        let count = size.width * size.height
        guard decoded.status == 0, !decoded.output.isEmpty, decoded.output.count % count == 0 else {
            numbers = []
            complaints = "exit \(decoded.status), \(decoded.output.count) bytes: \(decoded.errors)"
            return
        }
        complaints = decoded.errors
        numbers = decoded.output.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: count).map { start in
                guard let base = bytes.baseAddress else { return nil }
                return FrameNumberCode.read(luma: base + start, stride: size.width, size: size)
            }
        }
    }
}
