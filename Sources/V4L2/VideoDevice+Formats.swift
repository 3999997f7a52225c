// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore

/// A format that a queue of a device has.
package struct FormatDescription: Hashable, Sendable {
    /// The layout.
    package let pixelFormat: PixelFormat
    /// The driver's words for it.
    package let name: String
}

extension VideoDevice {
    /// The formats of a queue.
    package func formats(of type: BufferType) throws(DeviceError) -> [FormatDescription] {
        var formats: [FormatDescription] = []
        while true {
            var description = v4l2_fmtdesc()
            description.index = UInt32(formats.count)
            description.type = type.rawValue
            guard try performIfMore(.enumerateFormats, &description) else { return formats }
            formats.append(
                FormatDescription(
                    pixelFormat: PixelFormat(rawValue: description.pixelformat),
                    name: String(cArray: description.description)))
        }
    }

    /// The sizes that a format can have.
    package func frameSizes(of pixelFormat: PixelFormat) throws(DeviceError) -> FrameSizes {
        var sizes: [Resolution] = []
        while true {
            var entry = v4l2_frmsizeenum()
            entry.index = UInt32(sizes.count)
            entry.pixel_format = pixelFormat.rawValue
            guard try performIfMore(.enumerateFrameSizes, &entry) else {
                return sizes.isEmpty ? .unknown : .discrete(sizes)
            }
            guard entry.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue else { return FrameSizes(entry.stepwise) }
            sizes.append(Resolution(width: Int(entry.discrete.width), height: Int(entry.discrete.height)))
        }
    }

    /// The rates that a format can have at a size.
    package func frameRates(of pixelFormat: PixelFormat, at size: Resolution) throws(DeviceError) -> FrameRates {
        var rates: [FrameRate] = []
        var index: UInt32 = 0
        while true {
            var entry = v4l2_frmivalenum()
            entry.index = index
            entry.pixel_format = pixelFormat.rawValue
            entry.width = UInt32(clamping: size.width)
            entry.height = UInt32(clamping: size.height)
            guard try performIfMore(.enumerateFrameIntervals, &entry) else {
                rates.sort { $0.framesPerSecond > $1.framesPerSecond }
                return rates.isEmpty ? .unknown : .discrete(rates)
            }
            index += 1
            if entry.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue {
                if let rate = FrameRate(interval: entry.discrete) { rates.append(rate) }
            } else if let fastest = FrameRate(interval: entry.stepwise.min),
                let slowest = FrameRate(interval: entry.stepwise.max)
            {
                return .range(slowest: slowest, fastest: fastest)
            } else {
                return .unknown
            }
        }
    }

    /// The format that a queue has now.
    package func format(of type: BufferType) throws(DeviceError) -> ImageFormat {
        var format = v4l2_format()
        format.type = type.rawValue
        try perform(.getFormat, &format)
        return ImageFormat(format.fmt.pix)
    }

    /// Sets a queue's format; returns what the driver made of it.
    package func setFormat(_ wanted: ImageFormat, of type: BufferType) throws(DeviceError) -> ImageFormat {
        try exchange(wanted, of: type, by: .setFormat)
    }

    /// What the driver would make of a format; nothing is changed.
    package func tryFormat(_ wanted: ImageFormat, of type: BufferType) throws(DeviceError) -> ImageFormat {
        try exchange(wanted, of: type, by: .tryFormat)
    }

    private func exchange(
        _ wanted: ImageFormat, of type: BufferType, by request: Request<v4l2_format>
    ) throws(DeviceError) -> ImageFormat {
        var format = v4l2_format()
        format.type = type.rawValue
        format.fmt.pix = wanted.request
        try perform(request, &format)
        return ImageFormat(format.fmt.pix)
    }

    /// The rate of a capture queue; nil when the driver does not tell.
    package func frameRate(of type: BufferType) throws(DeviceError) -> FrameRate? {
        var parameters = v4l2_streamparm()
        parameters.type = type.rawValue
        guard try performIfMore(.getParameters, &parameters) else { return nil }
        return FrameRate(interval: parameters.parm.capture.timeperframe)
    }

    /// Sets the rate of a capture queue; returns what the driver made of it, nil when it has no say in that.
    package func setFrameRate(_ rate: FrameRate, of type: BufferType) throws(DeviceError) -> FrameRate? {
        var parameters = v4l2_streamparm()
        parameters.type = type.rawValue
        parameters.parm.capture.timeperframe = v4l2_fract(
            numerator: UInt32(clamping: rate.denominator), denominator: UInt32(clamping: rate.numerator))
        guard try performIfMore(.setParameters, &parameters) else { return nil }
        return FrameRate(interval: parameters.parm.capture.timeperframe)
    }
}

extension FrameRate {
    /// The rate of a time per frame; nil when the time makes no sense, as zero does.
    fileprivate init?(interval: v4l2_fract) {
        guard interval.numerator > 0, interval.denominator > 0 else { return nil }
        self.init(Int(interval.denominator), Int(interval.numerator))
    }
}

extension FrameSizes {
    /// A range of sizes; a driver's nonsense, such as a largest size below the smallest, is no range.
    fileprivate init(_ range: v4l2_frmsize_stepwise) {
        guard range.min_width <= range.max_width, range.min_height <= range.max_height else {
            self = .unknown
            return
        }
        self = .stepwise(
            smallest: Resolution(width: Int(range.min_width), height: Int(range.min_height)),
            largest: Resolution(width: Int(range.max_width), height: Int(range.max_height)),
            step: Resolution(width: Int(max(range.step_width, 1)), height: Int(max(range.step_height, 1))))
    }
}
