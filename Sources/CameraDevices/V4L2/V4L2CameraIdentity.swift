// SPDX-License-Identifier: MIT

internal import V4L2

/// The identity of a camera behind a Linux video device, whatever number its node has.
///
/// Two values are equal when they stand for the same camera in the same place: a webcam that was put into another port is
/// another one.
public struct V4L2CameraIdentity: Hashable, Sendable {
    /// The name of the driver: "uvcvideo".
    public let driver: String
    /// The camera's model, as the driver tells it.
    public let card: String
    /// The bus address of the camera: "usb-0000:00:14.0-1".
    public let bus: String
    /// The serial number of a USB camera, which many cheap ones share; nil where the system shows none.
    public let serial: String?
    /// The maker of a USB camera; nil where the system does not tell.
    public let maker: String?
    /// The index of the node among those of the device; nil where the system does not tell.
    public let nodeIndex: Int?

    /// Asks an open device and looks into /sys.
    init(_ device: VideoDevice) {
        driver = device.capabilities.driver
        card = device.capabilities.card
        bus = device.capabilities.bus
        (serial, maker, nodeIndex) = device.place
    }
}
