// SPDX-License-Identifier: MIT

public import CameraCore
public import Foundation

/// A YUV4MPEG2 file of frames, which ffmpeg, x264 and others read.
///
/// - Parameters:
///   - frames: Frames of one size in `.yuv420`, `.yuv422` or `.grey`.
///   - frameRate: What the header says.
///   - range: What the header says.
/// - Returns: The bytes of the file; without a frame, nothing.
public func y4m(
    _ frames: some Collection<Frame>, frameRate: FrameRate, range: ColorSpace.Range = .limited
) -> Data {
    guard let first = frames.first else { return Data() }
    let layouts: [PixelFormat: String] = [.yuv420: "420jpeg", .yuv422: "422", .grey: "mono"]
    guard let layout = layouts[first.format] else { preconditionFailure("YUV4MPEG2 has no \(first.format)") }
    let header =
        "YUV4MPEG2 W\(first.size.width) H\(first.size.height) F\(frameRate.numerator):\(frameRate.denominator) Ip A1:1 "
        + "C\(layout) XCOLORRANGE=\(range == .full ? "FULL" : "LIMITED")\n"
    var file = Data(header.utf8)
    for frame in frames {
        file += Data("FRAME\n".utf8) + packedBytes(frame)
    }
    return file
}

/// The bytes of a frame without padding, plane after plane.
public func packedBytes(_ frame: Frame) -> Data {
    var bytes = Data(count: frame.packedByteCount)
    bytes.withUnsafeMutableBytes { buffer in
        if let start = buffer.baseAddress { frame.copyPacked(to: start) }
    }
    return bytes
}
