// SPDX-License-Identifier: MIT

public import CameraCore
internal import V4L2

/// The crop rectangle of a camera, and the limits of the choice.
public struct V4L2Crop: Hashable, Sendable {
    /// The part of the sensor's picture that is taken, scaled to the size of the frames where the device can scale.
    public let region: PixelRegion
    /// The rectangle that each part must lie within.
    public let bounds: PixelRegion
    /// The part that the driver starts with: the picture without its margins.
    public let defaultRegion: PixelRegion
}

extension V4L2Camera {
    /// The crop rectangle and its limits; nil for cameras that always take the whole picture.
    public func crop() throws(CameraError) -> V4L2Crop? {
        try reporting {
            let device = try openDevice()
            guard let region = try device.selection(.crop, of: device.captureType) else { return nil }
            let bounds = try device.selection(.cropBounds, of: device.captureType) ?? region
            let first = try device.selection(.cropDefault, of: device.captureType) ?? bounds
            return V4L2Crop(
                region: PixelRegion(region), bounds: PixelRegion(bounds), defaultRegion: PixelRegion(first))
        }
    }

    /// Sets the crop rectangle; many devices can do that while they run.
    ///
    /// The size of the frames stays as it is while the camera runs: a device that cannot scale refuses then.
    ///
    /// - Parameter region: The part, within ``V4L2Crop/bounds``.
    /// - Returns: The part that the driver chose.
    /// - Throws: `.unsupported` for cameras that always take the whole picture; `.invalidValue` for a part that lies
    ///   outside; `.busy` when the device would have to stop for it.
    @discardableResult
    public func setCrop(_ region: PixelRegion) throws(CameraError) -> PixelRegion {
        let refusal = CameraError(
            .unsupported, "setting the crop rectangle", subject: name, reason: "this camera cannot be cropped")
        guard let crop = try crop() else { throw refusal }
        guard crop.bounds.contains(region) else {
            throw CameraError(
                .invalidValue, "setting the crop rectangle", subject: "\(region)",
                reason: "it must lie within \(crop.bounds)")
        }
        return try reporting {
            let device = try openDevice()
            let wish = PictureArea(left: region.x, top: region.y, size: region.size)
            guard let made = try device.setSelection(wish, as: .crop, of: device.captureType) else { throw refusal }
            return PixelRegion(made)
        }
    }
}

extension PixelRegion {
    fileprivate init(_ area: PictureArea) {
        self.init(x: area.left, y: area.top, size: area.size)
    }
}
