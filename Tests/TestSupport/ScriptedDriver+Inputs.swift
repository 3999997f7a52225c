// SPDX-License-Identifier: MIT

internal import CV4L2
package import CameraCore
internal import Glibc
internal import SystemPackage

extension ScriptedDriver {
    /// One of the device's inputs.
    package struct Input: Sendable {
        package let name: String
        package let standards: UInt64
        package let hasTimings: Bool

        package init(_ name: String, standards: UInt64 = 0, hasTimings: Bool = false) {
            self.name = name
            self.standards = standards
            self.hasTimings = hasTimings
        }
    }

    /// Changes the signal without telling, as it is before a program comes.
    package func setSignal(status: UInt32 = 0, timings: Resolution? = nil, standard: UInt64? = nil) {
        state.withLock { state in
            state.inputStatus = status
            if let timings { state.signalTimings = timings }
            if let standard { state.signalStandard = standard }
        }
    }

    /// Gives an exotic layout the rows that its samples need.
    package func setRowBytes(of code: String, padding: Int = 0) {
        let bits = ["YV12": 8, "NV16": 8, "NV61": 8, "RGGB": 8, "XR24": 32, "BX24": 32][code] ?? 16
        state.withLock { $0.rowBytes = $0.size.width * bits / 8 + padding }
    }

    /// Gives pictures in a layout of unknown rows rows of so many bytes.
    package func setRowBytes(_ count: Int) {
        state.withLock { $0.rowBytes = count }
    }

    /// The timings that the device is set to.
    package var timings: Resolution { state.withLock { $0.timings } }
    /// The standard that the device is set to.
    package var standard: UInt64 { state.withLock { $0.standard } }
}

extension ScriptedDriver.State {
    /// The calls about inputs, their signals and parts of their pictures.
    mutating func performOnInput(_ request: UInt, _ argument: UnsafeMutableRawPointer) -> Errno? {
        guard let present = description.inputs.indices.contains(input) ? description.inputs[input] : nil else {
            return performOnCrop(request, argument)
        }
        switch request {
        case CV4L2_ENUMINPUT: return enumerateInputs(&argument.as(v4l2_input.self).pointee)
        case CV4L2_G_INPUT: argument.as(Int32.self).pointee = Int32(input)
        case CV4L2_S_INPUT:
            guard description.inputs.indices.contains(Int(argument.as(Int32.self).pointee)) else {
                return .invalidArgument
            }
            input = Int(argument.as(Int32.self).pointee)
        case CV4L2_ENUMSTD: return enumerateStandards(&argument.as(v4l2_standard.self).pointee, present)
        case CV4L2_G_STD, CV4L2_QUERYSTD, CV4L2_S_STD:
            guard present.standards != 0 else { return .noData }
            let bits = argument.as(UInt64.self)
            if request == CV4L2_S_STD { standard = bits.pointee }
            if request == CV4L2_G_STD { bits.pointee = standard }
            if request == CV4L2_QUERYSTD { bits.pointee = inputStatus == 0 ? signalStandard : 0 }
        case CV4L2_G_DV_TIMINGS, CV4L2_QUERY_DV_TIMINGS, CV4L2_S_DV_TIMINGS:
            guard present.hasTimings else { return .noData }
            return exchangeTimings(&argument.as(v4l2_dv_timings.self).pointee, request)
        default: return performOnCrop(request, argument)
        }
        return nil
    }

    private func enumerateInputs(_ entry: inout v4l2_input) -> Errno? {
        guard description.inputs.indices.contains(Int(entry.index)) else { return .invalidArgument }
        let found = description.inputs[Int(entry.index)]
        fill(&entry.name, found.name)
        entry.type = UInt32(V4L2_INPUT_TYPE_CAMERA)
        entry.std = found.standards
        entry.status = Int(entry.index) == input ? inputStatus : 0
        entry.capabilities =
            (found.standards != 0 ? UInt32(V4L2_IN_CAP_STD) : 0)
            | (found.hasTimings ? UInt32(V4L2_IN_CAP_DV_TIMINGS) : 0)
        return nil
    }

    private func enumerateStandards(_ entry: inout v4l2_standard, _ input: ScriptedDriver.Input) -> Errno? {
        let names: [(bits: UInt64, name: String, rate: v4l2_fract, lines: UInt32)] = [
            (0x1000, "NTSC-M", v4l2_fract(numerator: 1001, denominator: 30000), 525),
            (0xFF, "PAL", v4l2_fract(numerator: 1, denominator: 25), 625),
        ]
        let present = names.filter { $0.bits & input.standards != 0 }
        guard !present.isEmpty else { return .noData }
        guard present.indices.contains(Int(entry.index)) else { return .invalidArgument }
        let found = present[Int(entry.index)]
        entry.id = found.bits
        fill(&entry.name, found.name)
        entry.frameperiod = found.rate
        entry.framelines = found.lines
        return nil
    }

    private mutating func exchangeTimings(_ entry: inout v4l2_dv_timings, _ request: UInt) -> Errno? {
        if request == CV4L2_S_DV_TIMINGS {
            timings = Resolution(Int(cv4l2_timings_width(&entry)), Int(cv4l2_timings_height(&entry)))
            size = timings
            return nil
        }
        if request == CV4L2_QUERY_DV_TIMINGS, inputStatus != 0 { return .noLink }
        let told = request == CV4L2_G_DV_TIMINGS ? timings : signalTimings
        // Without any blanking, at 50 frames per second; the members after the type are packed.
        entry = v4l2_dv_timings()
        withUnsafeMutableBytes(of: &entry) { bytes in
            bytes.storeBytes(of: UInt32(told.width), toByteOffset: 4, as: UInt32.self)
            bytes.storeBytes(of: UInt32(told.height), toByteOffset: 8, as: UInt32.self)
            bytes.storeBytes(of: UInt64(told.width * told.height * 50), toByteOffset: 20, as: UInt64.self)
        }
        return nil
    }

    private mutating func performOnCrop(_ request: UInt, _ argument: UnsafeMutableRawPointer) -> Errno? {
        if request == CV4L2_CROPCAP, description.field != V4L2_FIELD_NONE.rawValue {
            let capability = argument.as(v4l2_cropcap.self)
            let (height, width) = description.pixelAspect
            capability.pointee.pixelaspect = v4l2_fract(numerator: height, denominator: width)
            capability.pointee.defrect.width = UInt32(size.width)
            capability.pointee.defrect.height = UInt32(size.height)
            return nil
        }
        guard [CV4L2_G_SELECTION, CV4L2_S_SELECTION].contains(request) else { return .inappropriateIOCTLForDevice }
        guard let bounds = description.cropBounds, let present = crop else { return .noData }
        let selection = argument.as(v4l2_selection.self)
        guard selection.pointee.type == V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue else { return .invalidArgument }
        var told = selection.pointee.target == UInt32(V4L2_SEL_TGT_CROP) ? present : bounds
        if request == CV4L2_S_SELECTION {
            let rectangle = selection.pointee.r
            // As many devices have it: widths of full groups of 8.
            told = PixelRegion(
                x: Int(rectangle.left), y: Int(rectangle.top),
                size: Resolution(Int(rectangle.width) & ~7, Int(rectangle.height)))
            crop = told
        }
        selection.pointee.r = v4l2_rect(
            left: Int32(told.x), top: Int32(told.y), width: UInt32(told.size.width), height: UInt32(told.size.height))
        return nil
    }
}
