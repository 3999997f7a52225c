// SPDX-License-Identifier: MIT

public import CameraCore
internal import V4L2

/// The part of the sensor's picture that a camera takes, and which it could take.
public struct V4L2Crop: Hashable, Sendable {
    /// The part that is taken, scaled to the size of the frames where the device can scale.
    public let region: PixelRegion
    /// Where any part must lie.
    public let bounds: PixelRegion
    /// The part that the driver starts with: the picture without its margins.
    public let defaultRegion: PixelRegion
}

extension V4L2Camera {
    /// The part of the picture that is taken; nil for cameras that always take all of it.
    public func crop() throws(CameraError) -> V4L2Crop? {
        try reporting {
            let device = try openDevice()
            guard let region = try device.selection(.crop, of: .videoCapture) else { return nil }
            let bounds = try device.selection(.cropBounds, of: .videoCapture) ?? region
            let first = try device.selection(.cropDefault, of: .videoCapture) ?? bounds
            return V4L2Crop(region: region, bounds: bounds, defaultRegion: first)
        }
    }

    /// Takes a part of the picture; many devices can do that while they run.
    ///
    /// The size of the frames stays as it is while the camera runs: a device that cannot scale refuses then.
    ///
    /// - Parameter region: The part, within ``V4L2Crop/bounds``.
    /// - Returns: The part that the driver made of it.
    /// - Throws: `.unsupported` for cameras that always take all of it; `.invalidValue` for a part that lies outside;
    ///   `.busy` when the device would have to stop for it.
    @discardableResult
    public func setCrop(_ region: PixelRegion) throws(CameraError) -> PixelRegion {
        guard let crop = try crop() else {
            throw CameraError(
                .unsupported, "setting the crop rectangle", subject: name, reason: "this camera cannot be cropped")
        }
        let bounds = crop.bounds
        guard region.size.width > 0, region.size.height > 0, region.x >= bounds.x, region.y >= bounds.y,
            region.x + region.size.width <= bounds.x + bounds.size.width,
            region.y + region.size.height <= bounds.y + bounds.size.height
        else {
            throw CameraError(
                .invalidValue, "setting the crop rectangle", subject: "\(region)",
                reason: "it must lie within \(bounds)")
        }
        return try reporting {
            try openDevice().setSelection(.crop, of: .videoCapture, to: region)
        }
    }
}
