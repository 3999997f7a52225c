// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore

/// How a queue's pictures lie in memory (`struct v4l2_pix_format`).
package struct ImageFormat: Hashable, Sendable {
    /// The layout.
    package var pixelFormat: PixelFormat
    /// The size in pixels.
    package var size: Resolution
    /// How the lines of a picture belong to moments.
    package var field: Field
    /// Bytes from one row of the first plane to the next; 0 for compressed pictures.
    package var stride: Int
    /// Bytes that a picture may need.
    package var byteCount: Int
    /// What the numbers mean.
    package var color: ColorSpace

    /// Asks for pictures with all lines of one moment; the driver fills in the rest.
    package init(_ pixelFormat: PixelFormat, _ size: Resolution) {
        self.pixelFormat = pixelFormat
        self.size = size
        field = .none
        stride = 0
        byteCount = 0
        color = .unspecified
    }

    init(_ format: v4l2_pix_format) {
        pixelFormat = PixelFormat(rawValue: format.pixelformat)
        size = Resolution(width: Int(format.width), height: Int(format.height))
        field = Field(rawValue: format.field)
        stride = Int(format.bytesperline)
        byteCount = Int(format.sizeimage)
        color = ColorSpace(
            colorspace: format.colorspace, transfer: format.xfer_func, encoding: format.ycbcr_enc,
            quantization: format.quantization, pixelFormat: pixelFormat)
    }

    /// The wish as the kernel takes it: colours, stride and byte count are the driver's to choose.
    var request: v4l2_pix_format {
        var format = v4l2_pix_format()
        format.pixelformat = pixelFormat.rawValue
        format.width = UInt32(clamping: size.width)
        format.height = UInt32(clamping: size.height)
        format.field = field.rawValue
        return format
    }

    /// How the lines of a picture belong to moments (`enum v4l2_field`).
    package struct Field: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// The driver does not care (`V4L2_FIELD_ANY`).
        package static let any = Field(rawValue: V4L2_FIELD_ANY.rawValue)
        /// All lines are of one moment (`V4L2_FIELD_NONE`).
        package static let none = Field(rawValue: V4L2_FIELD_NONE.rawValue)
        /// Odd and even lines are of two moments (`V4L2_FIELD_INTERLACED`).
        package static let interlaced = Field(rawValue: V4L2_FIELD_INTERLACED.rawValue)
        /// Interlaced, the top line first (`V4L2_FIELD_INTERLACED_TB`).
        package static let interlacedTopFirst = Field(rawValue: V4L2_FIELD_INTERLACED_TB.rawValue)
        /// Interlaced, the bottom line first (`V4L2_FIELD_INTERLACED_BT`).
        package static let interlacedBottomFirst = Field(rawValue: V4L2_FIELD_INTERLACED_BT.rawValue)

        /// Whether a buffer holds all lines of a picture in their order.
        package var isWholePicture: Bool {
            [.any, .none, .interlaced, .interlacedTopFirst, .interlacedBottomFirst].contains(self)
        }
    }
}
