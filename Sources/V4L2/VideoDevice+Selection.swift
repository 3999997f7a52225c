// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore
internal import SystemPackage

/// A rectangle that a queue of a device has (`V4L2_SEL_TGT_…`).
package struct SelectionTarget: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The part of the picture that is taken.
    package static let crop = SelectionTarget(rawValue: UInt32(V4L2_SEL_TGT_CROP))
    /// What the crop rectangle is at first: the picture without what is around it.
    package static let cropDefault = SelectionTarget(rawValue: UInt32(V4L2_SEL_TGT_CROP_DEFAULT))
    /// Where crop rectangles must lie.
    package static let cropBounds = SelectionTarget(rawValue: UInt32(V4L2_SEL_TGT_CROP_BOUNDS))
}

extension VideoDevice {
    /// A rectangle of a queue; nil where the device has none.
    package func selection(
        _ target: SelectionTarget, of type: BufferType
    ) throws(DeviceError) -> PixelRegion? {
        var selection = Self.selection(target, type)
        do throws(DeviceError) {
            try perform(.getSelection, &selection)
        } catch {
            // An input that cannot be cropped has no data.
            guard [.noData, .invalidArgument, .inappropriateIOCTLForDevice].contains(error.errno) else { throw error }
            return nil
        }
        return PixelRegion(selection.r)
    }

    /// Sets a rectangle of a queue; returns what the driver made of it.
    package func setSelection(
        _ target: SelectionTarget, of type: BufferType, to region: PixelRegion
    ) throws(DeviceError) -> PixelRegion {
        var selection = Self.selection(target, type)
        selection.r = v4l2_rect(
            left: Int32(clamping: region.x), top: Int32(clamping: region.y), width: UInt32(clamping: region.size.width),
            height: UInt32(clamping: region.size.height))
        try perform(.setSelection, &selection)
        return PixelRegion(selection.r)
    }

    private static func selection(_ target: SelectionTarget, _ type: BufferType) -> v4l2_selection {
        var selection = v4l2_selection()
        // The kernel takes the type without planes for both kinds of queue.
        selection.type = type.isOutput ? BufferType.videoOutput.rawValue : BufferType.videoCapture.rawValue
        selection.target = target.rawValue
        return selection
    }
}

extension PixelRegion {
    fileprivate init(_ rectangle: v4l2_rect) {
        self.init(
            x: Int(rectangle.left), y: Int(rectangle.top),
            size: Resolution(width: Int(rectangle.width), height: Int(rectangle.height)))
    }
}
