// SPDX-License-Identifier: MIT

public import CameraCore
package import V4L2

/// A camera behind a Linux video device: its name, its place and its formats.
public struct V4L2CameraDescription: Hashable, Sendable {
    /// The path of the device's node: "/dev/video0".
    public let path: String
    /// The camera's model, as the driver tells it.
    public let card: String
    /// The name of the driver: "uvcvideo".
    public let driver: String
    /// The bus address of the camera: "usb-0000:00:14.0-1".
    public let bus: String
    /// The camera's formats, in the driver's order; also those that this package cannot take.
    public let formats: [Format]

    /// One of the camera's formats.
    public struct Format: Hashable, Sendable {
        /// The layout of the frames.
        public let pixelFormat: PixelFormat
        /// The driver's name for the format.
        public let name: String
        /// The sizes that the camera has in this format; empty when the driver does not tell.
        public let sizes: [Size]
    }

    /// One of a format's sizes, or a range of sizes.
    public struct Size: Hashable, Sendable {
        /// The smallest size of the range, or the only one.
        public let smallest: Resolution
        /// The largest size of the range; equal to ``smallest`` where there is only one.
        public let largest: Resolution
        /// The steps from ``smallest`` on, in pixels; 1x1 where there is only one size.
        public let step: Resolution
        /// The rates at the largest size, the fastest first; empty when the driver does not tell.
        public let frameRates: [FrameRate]
        /// Whether there are also rates between the ones listed.
        public let hasRatesBetween: Bool
    }
}

extension V4L2CameraDescription {
    /// Asks an open device; nothing is changed.
    init(_ device: VideoDevice) throws(DeviceError) {
        path = device.path
        card = device.capabilities.card
        driver = device.capabilities.driver
        bus = device.capabilities.bus
        var formats: [Format] = []
        for format in try device.formats(of: device.captureType) {
            var sizes: [Size] = []
            switch try device.frameSizes(of: format.pixelFormat) {
            case .unknown: break
            case .discrete(let list):
                for size in list {
                    sizes.append(try Size(from: size, to: size, step: Resolution(1, 1), of: format, device))
                }
            case .stepwise(let smallest, let largest, let step):
                sizes.append(try Size(from: smallest, to: largest, step: step, of: format, device))
            }
            formats.append(Format(pixelFormat: format.pixelFormat, name: format.name, sizes: sizes))
        }
        self.formats = formats
    }
}

extension V4L2CameraDescription.Size {
    fileprivate init(
        from smallest: Resolution, to largest: Resolution, step: Resolution, of format: FormatDescription,
        _ device: VideoDevice
    ) throws(DeviceError) {
        self.smallest = smallest
        self.largest = largest
        self.step = step
        switch try device.frameRates(of: format.pixelFormat, at: largest) {
        case .unknown: (frameRates, hasRatesBetween) = ([], false)
        case .discrete(let rates): (frameRates, hasRatesBetween) = (rates, false)
        case .range(let slowest, let fastest): (frameRates, hasRatesBetween) = ([fastest, slowest], true)
        }
    }
}

extension V4L2Camera {
    /// The cameras that are connected, in the order of their numbers.
    ///
    /// - Throws: `.permissionDenied` when there are devices but none may be opened.
    public static func available() throws(CameraError) -> [V4L2CameraDescription] {
        try available(calls: .current)
    }

    /// The cameras that the given system calls find.
    package static func available(calls: SystemCalls) throws(CameraError) -> [V4L2CameraDescription] {
        let numbers = calls.names("/dev").compactMap { $0.hasPrefix("video") ? Int($0.dropFirst(5)) : nil }.sorted()
        var cameras: [V4L2CameraDescription] = []
        var refusal: DeviceError?
        for number in numbers {
            do throws(DeviceError) {
                let device = try VideoDevice("/dev/video\(number)", calls: calls)
                if device.isCamera { cameras.append(try V4L2CameraDescription(device)) }
            } catch {
                // Others may have gone in this moment, or are broken: they are not available.
                if error.errno == .permissionDenied { refusal = refusal ?? error }
            }
        }
        if cameras.isEmpty, let refusal {
            throw CameraError(
                .permissionDenied, "looking for cameras", subject: refusal.device, reason: CameraError.noRight,
                systemError: refusal.errno)
        }
        return cameras
    }
}
