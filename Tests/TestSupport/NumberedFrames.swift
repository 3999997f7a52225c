// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraDevices

/// Packed NV12 pictures that show their numbers, for encoders that are given memory.
public struct NumberedFrames: Sendable {
    /// The pictures' size; both sides are even.
    public let size: Resolution

    /// Makes pictures of a size.
    public init(_ size: Resolution) {
        self.size = size
    }

    /// Bytes of a picture.
    public var byteCount: Int { size.pixelCount * 3 / 2 }

    /// The picture with a number, on a background that moves.
    public func bytes(_ number: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 128, count: byteCount)
        bytes.withUnsafeMutableBytes { buffer in
            for row in 0..<size.height {
                for column in 0..<size.width {
                    buffer[row * size.width + column] = UInt8(40 + (row + column + 3 * number) % 160)
                }
            }
            if let start = buffer.baseAddress {
                FrameNumberCode.draw(number: UInt32(number), into: start, stride: size.width, size: size)
            }
        }
        return bytes
    }
}
