// SPDX-License-Identifier: MIT

package import CameraCore

extension ScriptedEncoder {
    /// An encoder's description with some changes.
    package static func with(_ change: (inout Description) -> Void) -> Description {
        var description = Description()
        change(&description)
        return description
    }

    /// A frame of a size that carries its number.
    package static func frame(
        _ number: Int, _ size: Resolution = Resolution(64, 48), _ format: PixelFormat = .nv12
    ) -> Frame {
        NumberedSource.frame(
            UInt64(number), of: VideoStream(format: format, size: size, frameRate: 30, color: .bt601), from: framePool,
            at: Timestamp(nanoseconds: Int64(number) * 33_000_000))
    }

    private static let framePool = BytePool()
}
