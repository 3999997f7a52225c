// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraImaging

/// Makes each conversion of a frame once, however many encoders want it.
///
/// The first who asks converts, the others wait for that very result; it is kept on the frame. Safe to use from any thread.
public final class ConversionStage: Sendable {
    private let converter: FrameConverter
    private let inProgress = Monitor<Set<Work>>([])

    private struct Work: Hashable {
        let frame: ObjectIdentifier
        let key: Frame.DerivationKey
    }

    /// Makes a stage that takes its memory from `pool`.
    public init(pool: BytePool = BytePool()) {
        self.converter = FrameConverter(pool: pool)
    }

    /// The frame in another layout, size or colour space; the frame itself when it is as wanted.
    ///
    /// - Throws: `.corruptData` for a compressed frame that cannot be decoded, `.unsupported` for a layout that is not known.
    public func convert(
        _ frame: Frame, to format: PixelFormat, size: Resolution, color: ColorSpace
    ) throws(CameraError) -> Frame {
        if frame.format == format, frame.size == size, frame.color == color { return frame }
        let key = Frame.DerivationKey(format: format, size: size, color: color)
        let work = Work(frame: ObjectIdentifier(frame), key: key)
        let made = inProgress.wait { working -> Frame?? in
            if let frame = frame.derived(key) { return .some(frame) }
            return working.insert(work).inserted ? .some(nil) : nil
        }
        if let made { return made }
        defer { inProgress.update { _ = $0.remove(work) } }
        guard let converted = try converter.convert(frame, to: format, size: size, color: color) else {
            throw CameraError(.system, "converting a frame", reason: "no memory left in the pool")
        }
        frame.keep(converted, as: key)
        return converted
    }
}
