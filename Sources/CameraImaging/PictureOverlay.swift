// SPDX-License-Identifier: MIT

public import CameraCore

/// A picture that is laid over others.
public struct PictureOverlay: Sendable {
    /// The picture's own size.
    public var size: Resolution { pixels.size }
    /// Where it lies; what reaches out of the other picture is cut off.
    public var position = Annotation.Position.topLeft
    /// How opaque it is as a whole, from 0, which hides it, to 255; its own alpha counts as well.
    public var alpha: UInt8 = 255
    /// The size that it is scaled to; nil for its own.
    public var scaledSize: Resolution?
    let pixels: OverlayPixels

    /// Makes an overlay of pixels.
    ///
    /// - Parameters:
    ///   - bytes: The rows of the picture, one after the other without padding.
    ///   - size: The picture's size.
    ///   - format: `.rgb24`, `.bgr24`, `.rgba` or `.bgra`; nil for the one with R first that has as many bytes.
    ///   - change: Changes where it lies and how.
    /// - Throws: `.invalidValue` when the bytes are too few or too many; `.unsupported` for another format.
    public init(
        _ bytes: [UInt8], size: Resolution, format: PixelFormat? = nil,
        _ change: (inout PictureOverlay) -> Void = { _ in }
    ) throws(CameraError) {
        pixels = try OverlayPixels(bytes, size: size, format: format)
        change(&self)
    }

    /// The size that it has on a picture.
    public var shownSize: Resolution { scaledSize ?? size }

    /// Throws when a picture of this size has no room for it.
    package func checkFit(in picture: Resolution) throws(CameraError) {
        guard shownSize.width <= picture.width, shownSize.height <= picture.height else {
            throw CameraError(
                .invalidValue, OverlayPixels.operation, subject: "\(shownSize)",
                reason: "it is larger than the picture of \(picture); set its scaledSize")
        }
    }
}

/// The bytes of an overlay, shared by its copies.
final class OverlayPixels: Sendable {
    static let operation = "laying an overlay over pictures"

    let bytes: [UInt8]
    let size: Resolution
    let format: PixelFormat

    init(_ bytes: [UInt8], size: Resolution, format: PixelFormat?) throws(CameraError) {
        try size.validated(Self.operation)
        let known: [PixelFormat] = [.rgb24, .rgba, .bgr24, .bgra]
        let guess = known.first { $0.byteCount(of: size) == bytes.count }
        if let format, !known.contains(format) {
            throw CameraError(
                .unsupported, Self.operation, subject: format.name,
                reason: "give its pixels as rgb24, bgr24, rgba or bgra")
        }
        guard let format = format ?? guess, format.byteCount(of: size) == bytes.count else {
            let needed =
                format.flatMap { $0.byteCount(of: size) }.map { "\($0)" }
                ?? "\(3 * size.pixelCount) or \(4 * size.pixelCount)"
            throw CameraError(
                .invalidValue, Self.operation, subject: "\(size)",
                reason: "\(bytes.count) bytes were given, and pixels without padding have \(needed)")
        }
        self.bytes = bytes
        self.size = size
        self.format = format
    }
}
