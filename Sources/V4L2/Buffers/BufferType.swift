// SPDX-License-Identifier: MIT

internal import CV4L2

/// One of the directions in which a device exchanges buffers.
package struct BufferType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Pictures from the device (`V4L2_BUF_TYPE_VIDEO_CAPTURE`).
    package static let videoCapture = BufferType(rawValue: V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue)
    /// Pictures to the device (`V4L2_BUF_TYPE_VIDEO_OUTPUT`).
    package static let videoOutput = BufferType(rawValue: V4L2_BUF_TYPE_VIDEO_OUTPUT.rawValue)
    /// Pictures from the device, whose planes may lie apart (`V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE`).
    package static let videoCapturePlanes = BufferType(rawValue: V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE.rawValue)
    /// Pictures to the device, whose planes may lie apart (`V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE`).
    package static let videoOutputPlanes = BufferType(rawValue: V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE.rawValue)

    /// Whether the planes of a picture may lie apart, so that formats and buffers describe each.
    package var isMultiplanar: Bool { self == .videoCapturePlanes || self == .videoOutputPlanes }
    /// Whether pictures go to the device.
    package var isOutput: Bool { self == .videoOutput || self == .videoOutputPlanes }
}
