// SPDX-License-Identifier: MIT

internal import CV4L2

/// One of the directions in which a device exchanges buffers.
package struct BufferType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Pictures from the device (`V4L2_BUF_TYPE_VIDEO_CAPTURE`).
    package static let videoCapture = BufferType(rawValue: V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue)
}
