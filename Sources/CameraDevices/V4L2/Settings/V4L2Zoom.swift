// SPDX-License-Identifier: MIT

internal import CameraCore

/// The part of the picture over the crop rectangle; the one that the driver starts with is taken for all of it.
struct V4L2Zoom: V4L2Setting {
    private let camera: V4L2Camera
    private let crop: V4L2Crop

    /// Nil when the camera always takes all of the picture.
    init?(_ camera: V4L2Camera) throws {
        guard let crop = try camera.crop(), crop.defaultRegion.size.width > 0, crop.defaultRegion.size.height > 0
        else { return nil }
        self.camera = camera
        self.crop = crop
    }

    var values: SettingDescription.Values { .regions }
    var defaultValue: SettingValue? { .region(.full) }

    func value() throws -> SettingValue? {
        let (all, part) = (crop.defaultRegion, crop.region)
        let (width, height) = (Double(all.size.width), Double(all.size.height))
        return .region(
            ZoomRegion(
                x: Double(part.x - all.x) / width, y: Double(part.y - all.y) / height,
                width: Double(part.size.width) / width, height: Double(part.size.height) / height))
    }

    func set(_ value: SettingValue) throws {
        guard case .region(let region) = value else { return }
        let columns = Self.pixels(region.x, region.width, of: crop.defaultRegion.size.width)
        let rows = Self.pixels(region.y, region.height, of: crop.defaultRegion.size.height)
        try camera.setCrop(
            PixelRegion(
                x: crop.defaultRegion.x + columns.lowerBound, y: crop.defaultRegion.y + rows.lowerBound,
                size: Resolution(columns.count, rows.count)))
    }

    /// The pixels of a share of a side, one at least.
    private static func pixels(_ start: Double, _ length: Double, of side: Int) -> Range<Int> {
        let first = min(Int((start * Double(side)).rounded()), side - 1)
        let last = min(Int(((start + length) * Double(side)).rounded()), side)
        return first..<max(last, first + 1)
    }
}
