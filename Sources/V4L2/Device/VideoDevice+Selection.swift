// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore
internal import SystemPackage

/// A rectangle within a picture, in pixels (`struct v4l2_rect`).
package struct PictureArea: Hashable, Sendable {
    /// Pixels from the left edge.
    package var left: Int
    /// Pixels from the upper edge.
    package var top: Int
    /// Width and height.
    package var size: Resolution

    /// Describes a rectangle.
    package init(left: Int = 0, top: Int = 0, size: Resolution) {
        self.left = left
        self.top = top
        self.size = size
    }
}

/// A rectangle that a queue has (`V4L2_SEL_TGT_…`).
package struct SelectionTarget: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// What is taken of the source (`V4L2_SEL_TGT_CROP`).
    package static let crop = SelectionTarget(rawValue: UInt32(V4L2_SEL_TGT_CROP))
    /// What the driver starts with.
    package static let cropDefault = SelectionTarget(rawValue: UInt32(V4L2_SEL_TGT_CROP_DEFAULT))
    /// All that can be taken.
    package static let cropBounds = SelectionTarget(rawValue: UInt32(V4L2_SEL_TGT_CROP_BOUNDS))
    /// Where it is put in the buffer (`V4L2_SEL_TGT_COMPOSE`).
    package static let compose = SelectionTarget(rawValue: UInt32(V4L2_SEL_TGT_COMPOSE))
    /// What the driver starts with.
    package static let composeDefault = SelectionTarget(rawValue: UInt32(V4L2_SEL_TGT_COMPOSE_DEFAULT))
    /// Where it can be put.
    package static let composeBounds = SelectionTarget(rawValue: UInt32(V4L2_SEL_TGT_COMPOSE_BOUNDS))
}

extension VideoDevice {
    /// A rectangle of a queue; nil when the driver does not have it.
    package func selection(_ target: SelectionTarget, of type: BufferType) throws(DeviceError) -> PictureArea? {
        var selection = Self.selection(target, of: type)
        do throws(DeviceError) {
            return try performIfMore(.getSelection, &selection) ? PictureArea(selection.r) : nil
        } catch {
            // An input that cannot be cropped, of a device that can crop others.
            guard error.errno == .noData else { throw error }
            return nil
        }
    }

    /// Sets a rectangle of a queue; returns what the driver made of it, nil when it does not have it.
    package func setSelection(
        _ area: PictureArea, as target: SelectionTarget, of type: BufferType
    ) throws(DeviceError) -> PictureArea? {
        var selection = Self.selection(target, of: type)
        selection.r = v4l2_rect(
            left: Int32(clamping: area.left), top: Int32(clamping: area.top),
            width: UInt32(clamping: area.size.width), height: UInt32(clamping: area.size.height))
        return try performIfMore(.setSelection, &selection) ? PictureArea(selection.r) : nil
    }

    /// The shape of the pixels of a capture device whose pictures have this size; square where the driver does not say.
    package func pixelAspect(of size: Resolution) throws(DeviceError) -> PixelAspect {
        var capability = v4l2_cropcap()
        capability.type = BufferType.videoCapture.rawValue
        do throws(DeviceError) {
            guard try performIfMore(.cropCapability, &capability) else { return .square }
        } catch {
            guard error.errno == .noData else { throw error }
            return .square
        }
        // The kernel has the height against the width, of pictures of the size that the driver starts with.
        let ratio = capability.pixelaspect
        let whole = PictureArea(capability.defrect).size
        let aspect = PixelAspect(Int(ratio.denominator), Int(ratio.numerator))
        return whole.width > 0 && whole.height > 0 ? aspect.scaled(from: whole, to: size) : aspect
    }

    /// The kernel documents the types without "MPLANE" for selections, and takes the others only since 4.13.
    private static func selection(_ target: SelectionTarget, of type: BufferType) -> v4l2_selection {
        var selection = v4l2_selection()
        selection.type = (type.isOutput ? BufferType.videoOutput : .videoCapture).rawValue
        selection.target = target.rawValue
        return selection
    }
}

extension PictureArea {
    fileprivate init(_ rectangle: v4l2_rect) {
        self.init(
            left: Int(rectangle.left), top: Int(rectangle.top),
            size: Resolution(width: Int(rectangle.width), height: Int(rectangle.height)))
    }
}
