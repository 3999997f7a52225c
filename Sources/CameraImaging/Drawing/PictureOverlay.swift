// SPDX-License-Identifier: MIT

public import CameraCore

/// A picture that is laid over others.
public struct PictureOverlay: Sendable {
    /// The overlay's own size, in pixels.
    public var size: Resolution { pixels.size }
    /// The overlay's position; parts outside the picture below are cut off.
    public var position = Annotation.Position.topLeft
    /// The opacity of the overlay as a whole, from 0 (invisible) to 255; multiplied with the alpha of its pixels.
    public var alpha: UInt8 = 255
    /// The size to scale the overlay to; nil for its own size.
    public var scaledSize: Resolution?
    let pixels: OverlayPixels

    /// Makes an overlay of pixels.
    ///
    /// - Parameters:
    ///   - bytes: The rows of the picture, one after the other without padding.
    ///   - size: The picture's size.
    ///   - format: `.rgb24`, `.bgr24`, `.rgba` or `.bgra`; nil for `.rgb24` or `.rgba`, by the number of bytes.
    ///   - change: Sets the overlay's position, opacity and scaled size.
    /// - Throws: `.invalidValue` when the bytes are too few or too many; `.unsupported` for another format.
    public init(
        _ bytes: [UInt8], size: Resolution, format: PixelFormat? = nil,
        _ change: (inout PictureOverlay) -> Void = { _ in }
    ) throws(CameraError) {
        pixels = try OverlayPixels(bytes, size: size, format: format)
        change(&self)
    }

    /// The size of the overlay on a picture: ``scaledSize``, or else its own.
    package var shownSize: Resolution { scaledSize ?? size }

    /// Lays it over a picture, where its position says.
    func draw(on picture: PictureMemory) throws(CameraError) {
        let corner = position.corner(of: shownSize, in: picture.size, margin: 0)
        let whole = PixelRegion(x: corner.x, y: corner.y, size: shownSize)
        guard alpha > 0, let region = whole.clipped(to: picture.size) else { return }
        let key = OverlayPixels.DecalKey(
            place: whole, alpha: alpha, size: picture.size, format: picture.format, color: picture.color)
        try pixels.decals.value(for: key) { () throws(CameraError) in
            let part = PixelRegion(x: region.x - whole.x, y: region.y - whole.y, size: region.size)
            var rows = OverlayRows(self, part: part, try InkSpace(picture.format, picture.color))
            return DecalBuilder(region, on: picture.size, picture.format).build(&rows)
        }.blend(onto: picture)
    }

    /// Throws when it is to be scaled to a size that cannot be.
    func checkShape() throws(CameraError) {
        try scaledSize?.validated(OverlayPixels.operation)
    }

    /// Throws when a picture of this size has no room for it.
    package func checkFit(in picture: Resolution) throws(CameraError) {
        guard shownSize.width <= picture.width, shownSize.height <= picture.height else {
            throw CameraError(
                .invalidValue, OverlayPixels.operation, subject: "\(shownSize)",
                reason: "it is larger than the picture of \(picture); set its scaledSize")
        }
    }
}
