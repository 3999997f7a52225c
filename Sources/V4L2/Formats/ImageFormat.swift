// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore

/// How a queue's pictures lie in memory (`struct v4l2_pix_format`, `struct v4l2_pix_format_mplane`).
package struct ImageFormat: Hashable, Sendable {
    /// The layout.
    package var pixelFormat: PixelFormat
    /// The size in pixels.
    package var size: Resolution
    /// How the lines of a picture belong to moments.
    package var field: Field
    /// The memories that a buffer has: one, or in multi-planar queues one or more.
    package var memories: [Memory]
    /// What the numbers mean.
    package var color: ColorSpace

    /// One of the memories of a buffer.
    package struct Memory: Hashable, Sendable {
        /// Bytes from one row of its first plane to the next; 0 for compressed pictures.
        package let stride: Int
        /// Bytes that it has.
        package let byteCount: Int
    }

    /// Asks for pictures with all lines of one moment; the driver fills in the rest.
    ///
    /// - Parameters:
    ///   - pixelFormat: The layout.
    ///   - size: The size in pixels.
    ///   - color: What the numbers mean, for pictures to the device; unspecified leaves it to the driver.
    ///   - stride: Bytes from one row to the next; 0 where they are not known yet.
    ///   - byteCount: Bytes that a compressed picture may need; 0 leaves it to the driver.
    package init(
        _ pixelFormat: PixelFormat, _ size: Resolution, color: ColorSpace = .unspecified, stride: Int = 0,
        byteCount: Int = 0
    ) {
        self.pixelFormat = pixelFormat
        self.size = size
        self.color = color
        field = .none
        memories = [Memory(stride: stride, byteCount: byteCount)]
    }

    /// Bytes from one row of the first plane to the next; 0 for compressed pictures.
    package var stride: Int { memories.first?.stride ?? 0 }

    /// Bytes that a picture may need, in all memories.
    package var byteCount: Int { memories.reduce(0) { $0 + $1.byteCount } }

    init(_ format: v4l2_pix_format) {
        pixelFormat = PixelFormat(rawValue: format.pixelformat)
        size = Resolution(width: Int(format.width), height: Int(format.height))
        field = Field(rawValue: format.field)
        memories = [Memory(stride: Int(format.bytesperline), byteCount: Int(format.sizeimage))]
        color = ColorSpace(
            colorspace: format.colorspace, transfer: format.xfer_func, encoding: format.ycbcr_enc,
            quantization: format.quantization, pixelFormat: pixelFormat.inOneMemory)
    }

    init(_ format: v4l2_pix_format_mplane) {
        pixelFormat = PixelFormat(rawValue: format.pixelformat)
        size = Resolution(width: Int(format.width), height: Int(format.height))
        field = Field(rawValue: format.field)
        memories = withUnsafeBytes(of: format.plane_fmt) { planes in
            planes.bindMemory(to: v4l2_plane_pix_format.self).prefix(max(Int(format.num_planes), 1)).map {
                Memory(stride: Int($0.bytesperline), byteCount: Int($0.sizeimage))
            }
        }
        color = ColorSpace(
            colorspace: format.colorspace, transfer: UInt32(format.xfer_func), encoding: UInt32(format.ycbcr_enc),
            quantization: UInt32(format.quantization), pixelFormat: pixelFormat.inOneMemory)
    }

    /// The wish as the kernel takes it: strides are the driver's to choose.
    var request: v4l2_pix_format {
        var format = v4l2_pix_format()
        format.pixelformat = pixelFormat.rawValue
        format.width = UInt32(clamping: size.width)
        format.height = UInt32(clamping: size.height)
        format.field = field.rawValue
        format.sizeimage = UInt32(clamping: byteCount)
        let color = color.kernelValues
        format.colorspace = color.colorspace
        format.xfer_func = color.transfer
        format.ycbcr_enc = color.encoding
        format.quantization = color.quantization
        return format
    }

    /// The wish as multi-planar queues take it.
    var multiplanarRequest: v4l2_pix_format_mplane {
        let single = request
        var format = v4l2_pix_format_mplane()
        format.pixelformat = single.pixelformat
        format.width = single.width
        format.height = single.height
        format.field = single.field
        format.num_planes = UInt8(clamping: memories.count)
        format.plane_fmt.0.sizeimage = single.sizeimage
        format.colorspace = single.colorspace
        format.xfer_func = UInt8(truncatingIfNeeded: single.xfer_func)
        format.ycbcr_enc = UInt8(truncatingIfNeeded: single.ycbcr_enc)
        format.quantization = UInt8(truncatingIfNeeded: single.quantization)
        return format
    }

    /// Which lines were taken first.
    package var fieldOrder: FieldOrder {
        switch field {
        case .interlacedTopFirst: .topFirst
        case .interlacedBottomFirst: .bottomFirst
        // The order is that of the standard: the bottom first of those with 525 lines, the top of all others.
        case .interlaced: size.height <= 486 ? .bottomFirst : .topFirst
        default: .progressive
        }
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
