// SPDX-License-Identifier: MIT

internal import CameraCodecs
public import CameraCore
public import CameraImaging

extension PictureOverlay {
    /// Makes an overlay from a PNG file, with the alpha channel of the file.
    ///
    /// - Parameters:
    ///   - path: The file; at most 8192 by 8192 pixels.
    ///   - change: Sets the overlay's position, opacity and scaled size.
    /// - Throws: `.notFound`, `.permissionDenied`, `.corruptData`, `.invalidValue`; `.unsupported` in a build without libpng.
    public init(
        contentsOf path: String, _ change: (inout PictureOverlay) -> Void = { _ in }
    ) throws(CameraError) {
        let picture = try PNGReader.read(path)
        try self.init(picture.rgba, size: picture.size, format: .rgba, change)
    }
}
