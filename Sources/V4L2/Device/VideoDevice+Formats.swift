// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore

/// A format that a queue of a device has.
package struct FormatDescription: Hashable, Sendable {
    /// The layout.
    package let pixelFormat: PixelFormat
    /// The driver's words for it.
    package let name: String
    /// What else the driver tells of it.
    package let flags: Flags

    /// What a driver tells of a format; bits that are not named here are kept.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// Pictures are compressed (`V4L2_FMT_FLAG_COMPRESSED`).
        package static let compressed = Flags(rawValue: UInt32(V4L2_FMT_FLAG_COMPRESSED))
        /// It is made in software of another format (`V4L2_FMT_FLAG_EMULATED`).
        package static let emulated = Flags(rawValue: UInt32(V4L2_FMT_FLAG_EMULATED))
        /// The coded rate can differ from that of the raw frames (`V4L2_FMT_FLAG_ENC_CAP_FRAME_INTERVAL`).
        package static let hasOwnInterval = Flags(rawValue: UInt32(V4L2_FMT_FLAG_ENC_CAP_FRAME_INTERVAL))
    }
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
                    name: String(cArray: description.description),
                    flags: FormatDescription.Flags(rawValue: description.flags)))
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
        return ImageFormat(format, of: type)
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
        if type.isMultiplanar {
            format.fmt.pix_mp = wanted.multiplanarRequest
        } else {
            format.fmt.pix = wanted.request
        }
        try perform(request, &format)
        return ImageFormat(format, of: type)
    }

    /// The rate of a queue; nil when the driver does not tell.
    package func frameRate(of type: BufferType) throws(DeviceError) -> FrameRate? {
        var parameters = v4l2_streamparm()
        parameters.type = type.rawValue
        guard try performIfMore(.getParameters, &parameters) else { return nil }
        return FrameRate(parameters, of: type)
    }

    /// Sets the rate of a queue; returns what the driver made of it, nil when it has no say in that.
    package func setFrameRate(_ rate: FrameRate, of type: BufferType) throws(DeviceError) -> FrameRate? {
        let interval = v4l2_fract(
            numerator: UInt32(clamping: rate.denominator), denominator: UInt32(clamping: rate.numerator))
        var parameters = v4l2_streamparm()
        parameters.type = type.rawValue
        if type.isOutput {
            parameters.parm.output.timeperframe = interval
        } else {
            parameters.parm.capture.timeperframe = interval
        }
        guard try performIfMore(.setParameters, &parameters) else { return nil }
        return FrameRate(parameters, of: type)
    }
}

extension ImageFormat {
    /// Reads the kernel's description of a queue of this type.
    fileprivate init(_ format: v4l2_format, of type: BufferType) {
        if type.isMultiplanar {
            self.init(format.fmt.pix_mp)
        } else {
            self.init(format.fmt.pix)
        }
    }
}

extension FrameRate {
    /// The rate that the kernel tells of a queue.
    fileprivate init?(_ parameters: v4l2_streamparm, of type: BufferType) {
        self.init(
            interval: type.isOutput ? parameters.parm.output.timeperframe : parameters.parm.capture.timeperframe)
    }

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
