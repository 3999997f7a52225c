// SPDX-License-Identifier: MIT

internal import CV4L2
internal import CameraCore

/// The words of a trace for the arguments of ioctls: formats by their code, the rest by the kernel's numbers.
enum CallDescription {
    /// The name of a request in the kernel's documentation; its number when this package does not use it.
    static func name(of request: UInt) -> String { names[request] ?? "0x" + String(request, radix: 16) }

    /// What the program asks.
    ///
    /// - Parameters:
    ///   - request: The request's number.
    ///   - argument: What it points to; of the type that belongs to the request.
    /// - Returns: The argument's fields that matter, as text.
    static func question(_ request: UInt, _ argument: UnsafeMutableRawPointer) -> String {
        switch request {
        case CV4L2_QUERYCAP, CV4L2_G_INPUT, CV4L2_G_STD, CV4L2_QUERYSTD, CV4L2_G_DV_TIMINGS, CV4L2_QUERY_DV_TIMINGS,
            CV4L2_DQEVENT:
            ""
        case CV4L2_ENUM_FMT:
            "\(type(argument.as(v4l2_fmtdesc.self).type)) #\(argument.as(v4l2_fmtdesc.self).index)"
        case CV4L2_ENUM_FRAMESIZES:
            "\(code(argument.as(v4l2_frmsizeenum.self).pixel_format)) #\(argument.as(v4l2_frmsizeenum.self).index)"
        case CV4L2_ENUM_FRAMEINTERVALS: intervalQuestion(argument.as(v4l2_frmivalenum.self))
        case CV4L2_G_FMT: type(argument.as(v4l2_format.self).type)
        case CV4L2_G_PARM: type(argument.as(v4l2_streamparm.self).type)
        case CV4L2_DQBUF: type(argument.as(v4l2_buffer.self).type)
        case CV4L2_QUERYBUF:
            "\(type(argument.as(v4l2_buffer.self).type)) #\(argument.as(v4l2_buffer.self).index)"
        case CV4L2_QUERY_EXT_CTRL: "id 0x" + hex(argument.as(v4l2_query_ext_ctrl.self).id)
        case CV4L2_QUERYMENU:
            "id 0x\(hex(argument.as(v4l2_querymenu.self).id)) #\(argument.as(v4l2_querymenu.self).index)"
        case CV4L2_G_EXT_CTRLS: controls(argument.as(v4l2_ext_controls.self), withValues: false)
        case CV4L2_EXPBUF: export(argument.as(v4l2_exportbuffer.self))
        case CV4L2_G_SELECTION:
            "\(type(argument.as(v4l2_selection.self).type)) target 0x\(hex(argument.as(v4l2_selection.self).target))"
        case CV4L2_ENUMINPUT: "#\(argument.as(v4l2_input.self).index)"
        case CV4L2_ENUMSTD: "#\(argument.as(v4l2_standard.self).index)"
        default: whole(request, argument)
        }
    }

    /// What the driver answers; empty where a request has no answer.
    static func answer(_ request: UInt, _ argument: UnsafeMutableRawPointer) -> String {
        switch request {
        case CV4L2_STREAMON, CV4L2_STREAMOFF, CV4L2_SUBSCRIBE_EVENT, CV4L2_UNSUBSCRIBE_EVENT, CV4L2_S_STD: ""
        case CV4L2_EXPBUF: "fd \(argument.as(v4l2_exportbuffer.self).fd)"
        default: whole(request, argument)
        }
    }

    /// All that matters of an argument.
    private static func whole(_ request: UInt, _ argument: UnsafeMutableRawPointer) -> String {
        switch request {
        case CV4L2_QUERYCAP: capabilities(argument.as(v4l2_capability.self))
        case CV4L2_ENUM_FMT: formatEntry(argument.as(v4l2_fmtdesc.self))
        case CV4L2_ENUM_FRAMESIZES: sizeEntry(argument.as(v4l2_frmsizeenum.self))
        case CV4L2_ENUM_FRAMEINTERVALS: intervalEntry(argument.as(v4l2_frmivalenum.self))
        case CV4L2_G_FMT, CV4L2_S_FMT, CV4L2_TRY_FMT: format(argument.as(v4l2_format.self))
        case CV4L2_G_PARM, CV4L2_S_PARM: parameters(argument.as(v4l2_streamparm.self))
        case CV4L2_REQBUFS: bufferRequest(argument.as(v4l2_requestbuffers.self))
        case CV4L2_QUERYBUF, CV4L2_QBUF, CV4L2_DQBUF: buffer(argument.as(v4l2_buffer.self))
        case CV4L2_STREAMON, CV4L2_STREAMOFF: type(UInt32(bitPattern: argument.as(Int32.self)))
        case CV4L2_QUERY_EXT_CTRL: control(argument.as(v4l2_query_ext_ctrl.self))
        case CV4L2_QUERYMENU: menu(argument.as(v4l2_querymenu.self))
        case CV4L2_G_EXT_CTRLS, CV4L2_S_EXT_CTRLS: controls(argument.as(v4l2_ext_controls.self), withValues: true)
        case CV4L2_SUBSCRIBE_EVENT, CV4L2_UNSUBSCRIBE_EVENT: subscription(argument.as(v4l2_event_subscription.self))
        case CV4L2_DQEVENT: event(argument.as(v4l2_event.self))
        case CV4L2_G_SELECTION, CV4L2_S_SELECTION: selection(argument.as(v4l2_selection.self))
        case CV4L2_ENCODER_CMD, CV4L2_TRY_ENCODER_CMD:
            "cmd \(argument.as(v4l2_encoder_cmd.self).cmd) flags 0x\(hex(argument.as(v4l2_encoder_cmd.self).flags))"
        case CV4L2_ENUMINPUT: input(argument.as(v4l2_input.self))
        case CV4L2_G_INPUT, CV4L2_S_INPUT: "#\(argument.as(Int32.self))"
        case CV4L2_ENUMSTD: standard(argument.as(v4l2_standard.self))
        case CV4L2_G_STD, CV4L2_S_STD, CV4L2_QUERYSTD: "0x" + String(argument.as(UInt64.self), radix: 16)
        case CV4L2_G_DV_TIMINGS, CV4L2_S_DV_TIMINGS, CV4L2_QUERY_DV_TIMINGS:
            timings(argument.as(v4l2_dv_timings.self))
        default: ""
        }
    }

    private static let names: [UInt: String] = [
        CV4L2_QUERYCAP: "VIDIOC_QUERYCAP", CV4L2_ENUM_FMT: "VIDIOC_ENUM_FMT",
        CV4L2_ENUM_FRAMESIZES: "VIDIOC_ENUM_FRAMESIZES", CV4L2_ENUM_FRAMEINTERVALS: "VIDIOC_ENUM_FRAMEINTERVALS",
        CV4L2_G_FMT: "VIDIOC_G_FMT", CV4L2_S_FMT: "VIDIOC_S_FMT", CV4L2_TRY_FMT: "VIDIOC_TRY_FMT",
        CV4L2_G_PARM: "VIDIOC_G_PARM", CV4L2_S_PARM: "VIDIOC_S_PARM", CV4L2_QUERY_EXT_CTRL: "VIDIOC_QUERY_EXT_CTRL",
        CV4L2_QUERYMENU: "VIDIOC_QUERYMENU", CV4L2_G_EXT_CTRLS: "VIDIOC_G_EXT_CTRLS",
        CV4L2_S_EXT_CTRLS: "VIDIOC_S_EXT_CTRLS", CV4L2_REQBUFS: "VIDIOC_REQBUFS", CV4L2_QUERYBUF: "VIDIOC_QUERYBUF",
        CV4L2_QBUF: "VIDIOC_QBUF", CV4L2_DQBUF: "VIDIOC_DQBUF", CV4L2_STREAMON: "VIDIOC_STREAMON",
        CV4L2_STREAMOFF: "VIDIOC_STREAMOFF", CV4L2_SUBSCRIBE_EVENT: "VIDIOC_SUBSCRIBE_EVENT",
        CV4L2_UNSUBSCRIBE_EVENT: "VIDIOC_UNSUBSCRIBE_EVENT", CV4L2_DQEVENT: "VIDIOC_DQEVENT",
        CV4L2_EXPBUF: "VIDIOC_EXPBUF", CV4L2_G_SELECTION: "VIDIOC_G_SELECTION",
        CV4L2_S_SELECTION: "VIDIOC_S_SELECTION", CV4L2_CROPCAP: "VIDIOC_CROPCAP",
        CV4L2_ENCODER_CMD: "VIDIOC_ENCODER_CMD",
        CV4L2_TRY_ENCODER_CMD: "VIDIOC_TRY_ENCODER_CMD", CV4L2_ENUMINPUT: "VIDIOC_ENUMINPUT",
        CV4L2_G_INPUT: "VIDIOC_G_INPUT", CV4L2_S_INPUT: "VIDIOC_S_INPUT", CV4L2_ENUMSTD: "VIDIOC_ENUMSTD",
        CV4L2_G_STD: "VIDIOC_G_STD", CV4L2_S_STD: "VIDIOC_S_STD", CV4L2_QUERYSTD: "VIDIOC_QUERYSTD",
        CV4L2_G_DV_TIMINGS: "VIDIOC_G_DV_TIMINGS", CV4L2_S_DV_TIMINGS: "VIDIOC_S_DV_TIMINGS",
        CV4L2_QUERY_DV_TIMINGS: "VIDIOC_QUERY_DV_TIMINGS",
    ]
}

extension UnsafeMutableRawPointer {
    /// The value that it points to.
    fileprivate func `as`<Value>(_ type: Value.Type) -> Value { load(as: type) }
}
