// SPDX-License-Identifier: MIT

package import CameraCore
package import CameraImaging

/// Makes each conversion of a frame once, however many encoders want it.
///
/// The first who asks converts, the others wait for that very result; it is kept on the frame. Safe to use from any thread.
package final class ConversionStage: Sendable {
    private let converter: FrameConverter
    private let inProgress = Monitor<Set<Work>>([])

    private struct Work: Hashable {
        let frame: ObjectIdentifier
        let key: Frame.DerivationKey
    }

    /// Makes a stage that takes its memory from `pool`.
    package init(pool: BytePool = BytePool()) {
        self.converter = FrameConverter(pool: pool)
    }

    /// The frame in another layout, size or colour space, and with what a style does to it; the frame itself when it is as
    /// wanted.
    ///
    /// - Parameters:
    ///   - frame: A frame, which is only read.
    ///   - format: The wanted layout.
    ///   - size: The size of the result, after a quarter turn if the style has one.
    ///   - color: What the numbers of the result are to mean.
    ///   - style: What else is done; those who ask with the same style share the result.
    /// - Returns: The frame that was wanted.
    /// - Throws: `.corruptData` for a compressed frame that cannot be decoded, `.unsupported` for a layout that is not
    ///   known, `.invalidValue` for an overlay larger than the picture; what the style's drawing throws.
    package func convert(
        _ frame: Frame, to format: PixelFormat, size: Resolution, color: ColorSpace, style: PreparedStyle? = nil
    ) throws(CameraError) -> Frame {
        let style = style?.isPlain == true ? nil : style
        if style == nil, frame.format == format, frame.size == size, frame.color == color { return frame }
        let key = Frame.DerivationKey(format: format, size: size, color: color, style: style?.serial ?? 0)
        let work = Work(frame: ObjectIdentifier(frame), key: key)
        let made = inProgress.wait { working -> Frame?? in
            if let frame = frame.derived(key) { return .some(frame) }
            return working.insert(work).inserted ? .some(nil) : nil
        }
        if let made { return made }
        defer { inProgress.update { _ = $0.remove(work) } }
        guard let converted = try converted(frame, to: key, style) else {
            throw CameraError(.system, "converting a frame", reason: "no memory left in the pool")
        }
        // A frame that kept itself would never be let go.
        if converted !== frame { frame.keep(converted, as: key) }
        return converted
    }

    private func converted(
        _ frame: Frame, to key: Frame.DerivationKey, _ style: PreparedStyle?
    ) throws(CameraError) -> Frame? {
        guard let style else { return try converter.convert(frame, to: key.format, size: key.size, color: key.color) }
        return try converter.convert(frame, to: key.format, size: key.size, color: key.color, style: style)
    }
}
