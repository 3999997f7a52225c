// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraImaging
internal import Synchronization

/// Keeps the last raw picture that was written, for the program to read; safe to use from any thread.
///
/// ```swift
/// let output = ArrayOutput()
/// try camera.capture(to: output, format: .rgb24, resize: Resolution(320, 240))
/// let red = try output.pixels[120, 160, 0]
/// ```
///
/// It can be used again and again, for any raw format and size. Each write is one whole picture.
public final class ArrayOutput: Output {
    private let pool = BytePool()
    private let state = Mutex(State())

    private struct State {
        var pictures: RawPictures?
        var frame: Frame?
    }

    /// Makes an output without a picture.
    public init() {}

    /// The last picture; nil before the first.
    public var frame: Frame? { state.withLock { $0.frame } }

    /// The last picture's samples as they are: 3 or 4 channels of R, G, B, or Y, U, V at each pixel.
    ///
    /// - Throws: `.notStarted` before the first picture.
    public var pixels: PixelArray<UInt8> {
        get throws(CameraError) { try present.pixels() }
    }

    /// The last picture's red, green and blue at each pixel, sRGB in full range.
    ///
    /// - Throws: `.notStarted` before the first picture; `.unsupported` for colours that are not known.
    public var rgbPixels: PixelArray<UInt8> {
        get throws(CameraError) { try present.rgbPixels() }
    }

    /// Learns the size and format of the next pictures; the last one stays until they come.
    ///
    /// - Throws: `.invalidFormat` when they are compressed.
    public func begin(_ stream: StreamDescription) throws(CameraError) {
        let pictures = try RawPictures(stream)
        state.withLock { $0.pictures = pictures }
    }

    /// Keeps a picture in place of the one before.
    ///
    /// - Throws: `.invalidValue` when the bytes are not one whole picture, and the one before stays; `.notStarted` before
    ///   ``begin(_:)``.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        guard let pictures = state.withLock({ $0.pictures }) else { throw RawPictures.notBegun }
        let copy = try pictures.withFrame(bytes, info) { $0.copy(from: pool) }
        let last = state.withLock { state in
            defer { state.frame = copy }
            return state.frame
        }
        // The frame before may hold the last reference to its memory, which is not to be freed with the lock held.
        _ = last
    }

    private var present: Frame {
        get throws(CameraError) {
            guard let frame else {
                throw CameraError(
                    .notStarted, RawPictures.operation, reason: "none was written yet; capture one to this output first"
                )
            }
            return frame
        }
    }
}
