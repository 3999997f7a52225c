// SPDX-License-Identifier: MIT

internal import CV4L2
internal import CameraCore

extension CallDescription {
    static func hex(_ number: some BinaryInteger) -> String { String(number, radix: 16) }

    static func code(_ code: UInt32) -> String { PixelFormat(rawValue: code).description }

    static func type(_ type: UInt32) -> String {
        switch BufferType(rawValue: type) {
        case .videoCapture: "capture"
        case .videoOutput: "output"
        case .videoCapturePlanes: "capture-mplane"
        case .videoOutputPlanes: "output-mplane"
        default: "type \(type)"
        }
    }

    private static func memory(_ memory: UInt32) -> String {
        switch memory {
        case V4L2_MEMORY_MMAP.rawValue: "mmap"
        case V4L2_MEMORY_DMABUF.rawValue: "dmabuf"
        default: "memory \(memory)"
        }
    }

    static func capabilities(_ value: v4l2_capability) -> String {
        "driver \"\(String(cArray: value.driver))\" card \"\(String(cArray: value.card))\" bus "
            + "\"\(String(cArray: value.bus_info))\" version 0x\(hex(value.version)) "
            + "capabilities 0x\(hex(value.capabilities)) device 0x\(hex(value.device_caps))"
    }

    static func formatEntry(_ value: v4l2_fmtdesc) -> String {
        "\(code(value.pixelformat)) \"\(String(cArray: value.description))\" flags 0x\(hex(value.flags))"
    }

    static func sizeEntry(_ value: v4l2_frmsizeenum) -> String {
        if value.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue {
            return "\(value.discrete.width)x\(value.discrete.height)"
        }
        let step = value.stepwise
        return "\(step.min_width)x\(step.min_height) to \(step.max_width)x\(step.max_height) "
            + "step \(step.step_width)x\(step.step_height)"
    }

    static func intervalQuestion(_ value: v4l2_frmivalenum) -> String {
        "\(code(value.pixel_format)) \(value.width)x\(value.height) #\(value.index)"
    }

    private static func fraction(_ value: v4l2_fract) -> String { "\(value.numerator)/\(value.denominator)" }

    static func intervalEntry(_ value: v4l2_frmivalenum) -> String {
        if value.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue { return fraction(value.discrete) }
        let steps = value.stepwise
        return "\(fraction(steps.min)) to \(fraction(steps.max)) step \(fraction(steps.step))"
    }

    static func format(_ value: v4l2_format) -> String {
        guard BufferType(rawValue: value.type).isMultiplanar else {
            let pix = value.fmt.pix
            return "\(type(value.type)) \(code(pix.pixelformat)) \(pix.width)x\(pix.height) field \(pix.field) "
                + "stride \(pix.bytesperline) size \(pix.sizeimage) "
                + "color \(pix.colorspace)/\(pix.xfer_func)/\(pix.ycbcr_enc)/\(pix.quantization)"
        }
        let pix = value.fmt.pix_mp
        let all = pix.plane_fmt
        let planes = [all.0, all.1, all.2, all.3].prefix(Int(pix.num_planes))
            .map { "\($0.bytesperline)/\($0.sizeimage)" }.joined(separator: " ")
        return "\(type(value.type)) \(code(pix.pixelformat)) \(pix.width)x\(pix.height) field \(pix.field) "
            + "planes \(pix.num_planes) [\(planes)] "
            + "color \(pix.colorspace)/\(pix.xfer_func)/\(pix.ycbcr_enc)/\(pix.quantization)"
    }

    static func parameters(_ value: v4l2_streamparm) -> String {
        let isOutput = BufferType(rawValue: value.type).isOutput
        let capability = isOutput ? value.parm.output.capability : value.parm.capture.capability
        let interval = isOutput ? value.parm.output.timeperframe : value.parm.capture.timeperframe
        return "\(type(value.type)) interval \(fraction(interval)) capability 0x\(hex(capability))"
    }

    static func bufferRequest(_ value: v4l2_requestbuffers) -> String {
        "\(type(value.type)) count \(value.count) \(memory(value.memory)) capabilities 0x\(hex(value.capabilities))"
    }

    static func buffer(_ value: v4l2_buffer) -> String {
        var text = "\(type(value.type)) #\(value.index) \(memory(value.memory)) flags 0x\(hex(value.flags)) "
        if BufferType(rawValue: value.type).isMultiplanar {
            let planes = UnsafeBufferPointer(start: value.m.planes, count: min(Int(value.length), 8))
                .map { "\($0.bytesused)/\($0.length)+\($0.data_offset)" }.joined(separator: " ")
            text += "bytes [\(planes)]"
        } else {
            text += "bytes \(value.bytesused)/\(value.length)"
        }
        let microseconds = value.timestamp.tv_usec.zeroPadded(to: 6)
        return text + " field \(value.field) sequence \(value.sequence) "
            + "time \(value.timestamp.tv_sec).\(microseconds)"
    }

    static func export(_ value: v4l2_exportbuffer) -> String {
        "\(type(value.type)) #\(value.index) plane \(value.plane) flags 0x\(hex(value.flags))"
    }

    static func control(_ value: v4l2_query_ext_ctrl) -> String {
        "id 0x\(hex(value.id)) \"\(String(cArray: value.name))\" type \(value.type) "
            + "\(value.minimum)...\(value.maximum) step \(value.step) default \(value.default_value) "
            + "flags 0x\(hex(value.flags)) elements \(value.elems)x\(value.elem_size)"
    }

    static func menu(_ value: v4l2_querymenu) -> String {
        "\"\(String(cArray: value.name))\" or \(value.value)"
    }

    static func controls(_ value: v4l2_ext_controls, withValues: Bool) -> String {
        let entries = UnsafeBufferPointer(start: value.controls, count: min(Int(value.count), 64)).map { entry in
            let name = "0x\(hex(entry.id))"
            if !withValues { return name }
            if entry.size > 0 { return "\(name) (\(entry.size) bytes)" }
            // Of a number of 32 bits the upper half is not set.
            return entry.value64 >> 32 == 0 ? "\(name)=\(entry.value)" : "\(name)=\(entry.value64)"
        }
        return "which 0x\(hex(value.which)) " + entries.joined(separator: " ")
    }

    static func subscription(_ value: v4l2_event_subscription) -> String {
        "event \(value.type) id 0x\(hex(value.id)) flags 0x\(hex(value.flags))"
    }

    static func event(_ value: v4l2_event) -> String {
        "event \(value.type) id 0x\(hex(value.id)) sequence \(value.sequence) pending \(value.pending)"
    }

    static func selection(_ value: v4l2_selection) -> String {
        "\(type(value.type)) target 0x\(hex(value.target)) \(value.r.width)x\(value.r.height)"
            + "+\(value.r.left)+\(value.r.top) flags 0x\(hex(value.flags))"
    }

    static func input(_ value: v4l2_input) -> String {
        "#\(value.index) \"\(String(cArray: value.name))\" type \(value.type) status 0x\(hex(value.status)) "
            + "standards 0x\(hex(value.std)) capabilities 0x\(hex(value.capabilities))"
    }

    static func standard(_ value: v4l2_standard) -> String {
        "\"\(String(cArray: value.name))\" 0x\(hex(value.id)) \(fraction(value.frameperiod)) lines \(value.framelines)"
    }

    static func timings(_ value: v4l2_dv_timings) -> String {
        withUnsafePointer(to: value) {
            "\(cv4l2_timings_width($0))x\(cv4l2_timings_height($0)) clock \(cv4l2_timings_clock($0)) "
                + "interlaced \(cv4l2_timings_interlaced($0))"
        }
    }
}
