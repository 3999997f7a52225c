// SPDX-License-Identifier: MIT
// The kernel's video interface, and those of its macros that Swift does not import.

#include <linux/videodev2.h>
#include <stdint.h>
#include <sys/ioctl.h>

// The request codes are made by macros that take the size of a type.
#define CV4L2_REQUEST(name) static const unsigned long CV4L2_##name = VIDIOC_##name;
CV4L2_REQUEST(QUERYCAP)
CV4L2_REQUEST(ENUM_FMT)
CV4L2_REQUEST(ENUM_FRAMESIZES)
CV4L2_REQUEST(ENUM_FRAMEINTERVALS)
CV4L2_REQUEST(G_FMT)
CV4L2_REQUEST(S_FMT)
CV4L2_REQUEST(TRY_FMT)
CV4L2_REQUEST(G_PARM)
CV4L2_REQUEST(S_PARM)
CV4L2_REQUEST(QUERY_EXT_CTRL)
CV4L2_REQUEST(QUERYMENU)
CV4L2_REQUEST(G_EXT_CTRLS)
CV4L2_REQUEST(S_EXT_CTRLS)
CV4L2_REQUEST(REQBUFS)
CV4L2_REQUEST(QUERYBUF)
CV4L2_REQUEST(QBUF)
CV4L2_REQUEST(DQBUF)
CV4L2_REQUEST(STREAMON)
CV4L2_REQUEST(STREAMOFF)
CV4L2_REQUEST(SUBSCRIBE_EVENT)
CV4L2_REQUEST(DQEVENT)
#undef CV4L2_REQUEST

// What a driver means by "default" in its description of colours.

static inline uint32_t cv4l2_default_transfer(uint32_t colorspace) {
    return V4L2_MAP_XFER_FUNC_DEFAULT(colorspace);
}

static inline uint32_t cv4l2_default_encoding(uint32_t colorspace) {
    return V4L2_MAP_YCBCR_ENC_DEFAULT(colorspace);
}

static inline uint32_t cv4l2_default_quantization(int is_rgb, uint32_t colorspace) {
    return V4L2_MAP_QUANTIZATION_DEFAULT(is_rgb, colorspace, V4L2_YCBCR_ENC_DEFAULT);
}
