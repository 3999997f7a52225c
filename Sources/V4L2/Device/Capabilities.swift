// SPDX-License-Identifier: MIT

internal import CV4L2

/// What a device node is and can do.
package struct Capabilities: Hashable, Sendable {
    /// The driver: "uvcvideo".
    package let driver: String
    /// The device as its maker calls it: "HD Pro Webcam C920".
    package let card: String
    /// Where it is connected: "usb-0000:00:14.0-1".
    package let bus: String
    /// What this node can do.
    package let flags: Flags

    /// What a node can do; bits that are not named here are kept.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// It gives pictures that lie in one buffer each (`V4L2_CAP_VIDEO_CAPTURE`).
        package static let videoCapture = Flags(rawValue: UInt32(V4L2_CAP_VIDEO_CAPTURE))
        /// It gives pictures whose planes may lie apart (`V4L2_CAP_VIDEO_CAPTURE_MPLANE`).
        package static let videoCapturePlanes = Flags(rawValue: UInt32(V4L2_CAP_VIDEO_CAPTURE_MPLANE))
        /// It makes pictures of pictures (`V4L2_CAP_VIDEO_M2M`).
        package static let memoryToMemory = Flags(rawValue: UInt32(V4L2_CAP_VIDEO_M2M))
        /// It makes pictures of pictures, whose planes may lie apart (`V4L2_CAP_VIDEO_M2M_MPLANE`).
        package static let memoryToMemoryPlanes = Flags(rawValue: UInt32(V4L2_CAP_VIDEO_M2M_MPLANE))
        /// It lends buffers (`V4L2_CAP_STREAMING`).
        package static let streaming = Flags(rawValue: UInt32(V4L2_CAP_STREAMING))
    }

    init(_ capability: v4l2_capability) {
        driver = String(cArray: capability.driver)
        card = String(cArray: capability.card)
        bus = String(cArray: capability.bus_info)
        // Drivers from before Linux 3.4 tell only what all nodes of the device can do together.
        let hasOwnFlags = capability.capabilities & UInt32(V4L2_CAP_DEVICE_CAPS) != 0
        flags = Flags(rawValue: hasOwnFlags ? capability.device_caps : capability.capabilities)
    }
}
