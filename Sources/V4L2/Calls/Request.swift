// SPDX-License-Identifier: MIT

internal import CV4L2

/// An ioctl of V4L2 and the type of its argument.
struct Request<Argument>: Sendable {
    /// The number that the kernel knows it by.
    let code: UInt
    /// The name in the kernel's documentation, for messages.
    let name: String

    private init(_ code: UInt, _ name: String) {
        self.code = code
        self.name = name
    }
}

extension Request<v4l2_capability> {
    static var queryCapabilities: Self { Self(CV4L2_QUERYCAP, "VIDIOC_QUERYCAP") }
}

extension Request<v4l2_fmtdesc> {
    static var enumerateFormats: Self { Self(CV4L2_ENUM_FMT, "VIDIOC_ENUM_FMT") }
}

extension Request<v4l2_frmsizeenum> {
    static var enumerateFrameSizes: Self { Self(CV4L2_ENUM_FRAMESIZES, "VIDIOC_ENUM_FRAMESIZES") }
}

extension Request<v4l2_frmivalenum> {
    static var enumerateFrameIntervals: Self { Self(CV4L2_ENUM_FRAMEINTERVALS, "VIDIOC_ENUM_FRAMEINTERVALS") }
}

extension Request<v4l2_format> {
    static var getFormat: Self { Self(CV4L2_G_FMT, "VIDIOC_G_FMT") }
    static var setFormat: Self { Self(CV4L2_S_FMT, "VIDIOC_S_FMT") }
    static var tryFormat: Self { Self(CV4L2_TRY_FMT, "VIDIOC_TRY_FMT") }
}

extension Request<v4l2_streamparm> {
    static var getParameters: Self { Self(CV4L2_G_PARM, "VIDIOC_G_PARM") }
    static var setParameters: Self { Self(CV4L2_S_PARM, "VIDIOC_S_PARM") }
}

extension Request<v4l2_query_ext_ctrl> {
    static var queryControl: Self { Self(CV4L2_QUERY_EXT_CTRL, "VIDIOC_QUERY_EXT_CTRL") }
}

extension Request<v4l2_querymenu> {
    static var queryMenu: Self { Self(CV4L2_QUERYMENU, "VIDIOC_QUERYMENU") }
}

extension Request<v4l2_ext_controls> {
    static var getControls: Self { Self(CV4L2_G_EXT_CTRLS, "VIDIOC_G_EXT_CTRLS") }
    static var setControls: Self { Self(CV4L2_S_EXT_CTRLS, "VIDIOC_S_EXT_CTRLS") }
}

extension Request<v4l2_requestbuffers> {
    static var requestBuffers: Self { Self(CV4L2_REQBUFS, "VIDIOC_REQBUFS") }
}

extension Request<v4l2_buffer> {
    static var queryBuffer: Self { Self(CV4L2_QUERYBUF, "VIDIOC_QUERYBUF") }
    static var queueBuffer: Self { Self(CV4L2_QBUF, "VIDIOC_QBUF") }
    static var dequeueBuffer: Self { Self(CV4L2_DQBUF, "VIDIOC_DQBUF") }
}

extension Request<Int32> {
    static var streamOn: Self { Self(CV4L2_STREAMON, "VIDIOC_STREAMON") }
    static var streamOff: Self { Self(CV4L2_STREAMOFF, "VIDIOC_STREAMOFF") }
    static var getInput: Self { Self(CV4L2_G_INPUT, "VIDIOC_G_INPUT") }
    static var setInput: Self { Self(CV4L2_S_INPUT, "VIDIOC_S_INPUT") }
}

extension Request<v4l2_exportbuffer> {
    static var exportBuffer: Self { Self(CV4L2_EXPBUF, "VIDIOC_EXPBUF") }
}

extension Request<v4l2_selection> {
    static var getSelection: Self { Self(CV4L2_G_SELECTION, "VIDIOC_G_SELECTION") }
    static var setSelection: Self { Self(CV4L2_S_SELECTION, "VIDIOC_S_SELECTION") }
}

extension Request<v4l2_cropcap> {
    static var cropCapability: Self { Self(CV4L2_CROPCAP, "VIDIOC_CROPCAP") }
}

extension Request<v4l2_encoder_cmd> {
    static var encoderCommand: Self { Self(CV4L2_ENCODER_CMD, "VIDIOC_ENCODER_CMD") }
}

extension Request<v4l2_input> {
    static var enumerateInputs: Self { Self(CV4L2_ENUMINPUT, "VIDIOC_ENUMINPUT") }
}

extension Request<v4l2_standard> {
    static var enumerateStandards: Self { Self(CV4L2_ENUMSTD, "VIDIOC_ENUMSTD") }
}

extension Request<UInt64> {
    static var getStandard: Self { Self(CV4L2_G_STD, "VIDIOC_G_STD") }
    static var setStandard: Self { Self(CV4L2_S_STD, "VIDIOC_S_STD") }
    static var queryStandard: Self { Self(CV4L2_QUERYSTD, "VIDIOC_QUERYSTD") }
}

extension Request<v4l2_dv_timings> {
    static var getTimings: Self { Self(CV4L2_G_DV_TIMINGS, "VIDIOC_G_DV_TIMINGS") }
    static var setTimings: Self { Self(CV4L2_S_DV_TIMINGS, "VIDIOC_S_DV_TIMINGS") }
    static var queryTimings: Self { Self(CV4L2_QUERY_DV_TIMINGS, "VIDIOC_QUERY_DV_TIMINGS") }
}

extension Request<v4l2_event_subscription> {
    static var subscribeEvent: Self { Self(CV4L2_SUBSCRIBE_EVENT, "VIDIOC_SUBSCRIBE_EVENT") }
    static var unsubscribeEvent: Self { Self(CV4L2_UNSUBSCRIBE_EVENT, "VIDIOC_UNSUBSCRIBE_EVENT") }
}

extension Request<v4l2_event> {
    static var dequeueEvent: Self { Self(CV4L2_DQEVENT, "VIDIOC_DQEVENT") }
}
