// SPDX-License-Identifier: MIT

package import CameraCore

/// A format as libcamera and the kernel's graphics drivers name it.
///
/// Source: the kernel's `drm_fourcc.h` and `videodev2.h`.
package struct LibCameraFormat: Hashable, Sendable {
    /// DRM's code.
    package let code: UInt32
    /// DRM's modifier: how the memory differs from what the code says.
    package let modifier: UInt64

    package init(code: UInt32, modifier: UInt64 = 0) {
        self.code = code
        self.modifier = modifier
    }

    /// `MIPI_FORMAT_MOD_CSI2_PACKED`: a sensor's samples as they come over the wire.
    private static let packed: UInt64 = 0x0B << 56 | 1

    /// V4L2's and DRM's codes where they differ.
    ///
    /// libcamera's names of RGB formats read a little-endian word.
    private static let differing: [(v4l2: StaticString, drm: StaticString, modifier: UInt64)] = [
        ("422P", "YU16", 0), ("GREY", "R8  ", 0), ("RGB3", "BG24", 0), ("BGR3", "RG24", 0),
        ("GR14", "BA14", 0), ("RG16", "RGB6", 0),
        ("pBAA", "BG10", packed), ("pGAA", "GB10", packed), ("pgAA", "BA10", packed), ("pRAA", "RG10", packed),
        ("pBCC", "BG12", packed), ("pGCC", "GB12", packed), ("pgCC", "BA12", packed), ("pRCC", "RG12", packed),
        ("pBEE", "BG14", packed), ("pGEE", "GB14", packed), ("pgEE", "BA14", packed), ("pREE", "RG14", packed),
    ]

    private static let ofPixelFormat: [PixelFormat: LibCameraFormat] = Dictionary(
        uniqueKeysWithValues: differing.map { entry in
            (
                PixelFormat(fourCC: entry.v4l2),
                LibCameraFormat(code: PixelFormat(fourCC: entry.drm).rawValue, modifier: entry.modifier)
            )
        })

    private static let pixelFormats = Dictionary(uniqueKeysWithValues: ofPixelFormat.map { ($1, $0) })

    /// libcamera's name of one of our formats.
    package init(_ format: PixelFormat) {
        self = Self.ofPixelFormat[format] ?? LibCameraFormat(code: format.rawValue)
    }

    /// Our format; nil for memory that is laid out in a way that has no name here, such as compressed raw data.
    package var pixelFormat: PixelFormat? {
        if let found = Self.pixelFormats[self] { return found }
        return modifier == 0 ? PixelFormat(rawValue: code) : nil
    }
}
