// SPDX-License-Identifier: MIT

internal import CV4L2
internal import CameraCore

extension ColorSpace {
    /// Reads a driver's description of colours.
    ///
    /// "Default" is resolved as the kernel documents it ("Colorspaces" in its media API, the macros
    /// `V4L2_MAP_…_DEFAULT`). Motion JPEG pictures are taken as JPEG files define them, since drivers pass them on
    /// without looking into them.
    ///
    /// - Parameters:
    ///   - colorspace: `enum v4l2_colorspace`.
    ///   - transfer: `enum v4l2_xfer_func`.
    ///   - encoding: `enum v4l2_ycbcr_encoding`.
    ///   - quantization: `enum v4l2_quantization`.
    ///   - pixelFormat: The layout, which decides whether the samples are red, green and blue.
    init(colorspace: UInt32, transfer: UInt32, encoding: UInt32, quantization: UInt32, pixelFormat: PixelFormat) {
        guard pixelFormat != .mjpeg else {
            self = .jpeg
            return
        }
        // The kernel's V4L2_MAP_COLORSPACE_DEFAULT for what is neither a TV standard nor HDMI.
        let colorspace = colorspace == 0 ? V4L2_COLORSPACE_SRGB.rawValue : colorspace
        let transfer = transfer == 0 ? cv4l2_default_transfer(colorspace) : transfer
        let encoding = encoding == 0 ? cv4l2_default_encoding(colorspace) : encoding
        let quantization =
            quantization == 0 ? cv4l2_default_quantization(pixelFormat.isRGB ? 1 : 0, colorspace) : quantization
        let primaries = Self.kernelPrimaries[colorspace] ?? .unspecified
        // V4L2 has one name for the curve that H.273 lists twice, for BT.709 and for BT.601.
        let isStandardDefinition = primaries == .smpte170m || primaries == .bt470bg
        self.init(
            primaries: primaries,
            transfer: transfer == V4L2_XFER_FUNC_709.rawValue && isStandardDefinition
                ? .smpte170m : Self.kernelTransfers[transfer] ?? .unspecified,
            matrix: pixelFormat.isRGB ? .rgb : Self.kernelMatrices[encoding] ?? .unspecified,
            range: quantization == V4L2_QUANTIZATION_FULL_RANGE.rawValue ? .full : .limited)
    }

    /// The numbers that describe the colours to a driver; zeros, its own choice, for what V4L2 has no name for.
    var kernelValues: (colorspace: UInt32, transfer: UInt32, encoding: UInt32, quantization: UInt32) {
        let colorspace: UInt32 =
            switch primaries {
            case .smpte170m: V4L2_COLORSPACE_SMPTE170M.rawValue
            case .bt470bg: V4L2_COLORSPACE_470_SYSTEM_BG.rawValue
            case .bt2020: V4L2_COLORSPACE_BT2020.rawValue
            // Three of the kernel's have these primaries; the curve tells them apart.
            case .bt709 where self.transfer == .sRGB: V4L2_COLORSPACE_SRGB.rawValue
            case .bt709: V4L2_COLORSPACE_REC709.rawValue
            default: V4L2_COLORSPACE_DEFAULT.rawValue
            }
        guard colorspace != V4L2_COLORSPACE_DEFAULT.rawValue else { return (0, 0, 0, 0) }
        let transfer: UInt32 =
            switch self.transfer {
            case .bt709, .smpte170m: V4L2_XFER_FUNC_709.rawValue
            case .sRGB: V4L2_XFER_FUNC_SRGB.rawValue
            default: V4L2_XFER_FUNC_DEFAULT.rawValue
            }
        let encoding: UInt32 =
            switch matrix {
            case .bt601: V4L2_YCBCR_ENC_601.rawValue
            case .bt709: V4L2_YCBCR_ENC_709.rawValue
            default: V4L2_YCBCR_ENC_DEFAULT.rawValue
            }
        let quantization =
            range == .full ? V4L2_QUANTIZATION_FULL_RANGE.rawValue : V4L2_QUANTIZATION_LIM_RANGE.rawValue
        return (colorspace, transfer, encoding, quantization)
    }

    private static let kernelPrimaries: [UInt32: Primaries] = [
        V4L2_COLORSPACE_SMPTE170M.rawValue: .smpte170m,
        V4L2_COLORSPACE_SMPTE240M.rawValue: Primaries(rawValue: 7),
        V4L2_COLORSPACE_REC709.rawValue: .bt709,
        V4L2_COLORSPACE_470_SYSTEM_M.rawValue: Primaries(rawValue: 4),
        V4L2_COLORSPACE_470_SYSTEM_BG.rawValue: .bt470bg,
        V4L2_COLORSPACE_JPEG.rawValue: .bt709,
        V4L2_COLORSPACE_SRGB.rawValue: .bt709,
        V4L2_COLORSPACE_BT2020.rawValue: .bt2020,
        V4L2_COLORSPACE_DCI_P3.rawValue: Primaries(rawValue: 11),
    ]

    private static let kernelTransfers: [UInt32: Transfer] = [
        V4L2_XFER_FUNC_709.rawValue: .bt709,
        V4L2_XFER_FUNC_SRGB.rawValue: .sRGB,
        V4L2_XFER_FUNC_SMPTE240M.rawValue: Transfer(rawValue: 7),
        V4L2_XFER_FUNC_NONE.rawValue: Transfer(rawValue: 8),
        V4L2_XFER_FUNC_DCI_P3.rawValue: Transfer(rawValue: 17),
        V4L2_XFER_FUNC_SMPTE2084.rawValue: Transfer(rawValue: 16),
    ]

    private static let kernelMatrices: [UInt32: Matrix] = [
        V4L2_YCBCR_ENC_601.rawValue: .bt601,
        V4L2_YCBCR_ENC_709.rawValue: .bt709,
        V4L2_YCBCR_ENC_XV601.rawValue: .bt601,
        V4L2_YCBCR_ENC_XV709.rawValue: .bt709,
        V4L2_YCBCR_ENC_SYCC.rawValue: .bt601,
        V4L2_YCBCR_ENC_BT2020.rawValue: .bt2020,
        V4L2_YCBCR_ENC_BT2020_CONST_LUM.rawValue: Matrix(rawValue: 10),
        V4L2_YCBCR_ENC_SMPTE240M.rawValue: Matrix(rawValue: 7),
    ]
}
