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
CV4L2_REQUEST(UNSUBSCRIBE_EVENT)
CV4L2_REQUEST(EXPBUF)
CV4L2_REQUEST(G_SELECTION)
CV4L2_REQUEST(S_SELECTION)
CV4L2_REQUEST(CROPCAP)
CV4L2_REQUEST(ENCODER_CMD)
CV4L2_REQUEST(TRY_ENCODER_CMD)
CV4L2_REQUEST(ENUMINPUT)
CV4L2_REQUEST(G_INPUT)
CV4L2_REQUEST(S_INPUT)
CV4L2_REQUEST(ENUMSTD)
CV4L2_REQUEST(G_STD)
CV4L2_REQUEST(S_STD)
CV4L2_REQUEST(QUERYSTD)
CV4L2_REQUEST(G_DV_TIMINGS)
CV4L2_REQUEST(S_DV_TIMINGS)
CV4L2_REQUEST(QUERY_DV_TIMINGS)
#undef CV4L2_REQUEST

// Controls by their numbers, which are sums.
static const uint32_t CV4L2_CID_FORCE_KEY_FRAME = V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME;

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

// The timings of digital video are packed: Swift must not touch their members where they lie.

static inline uint32_t cv4l2_timings_width(const struct v4l2_dv_timings *timings) { return timings->bt.width; }

static inline uint32_t cv4l2_timings_height(const struct v4l2_dv_timings *timings) { return timings->bt.height; }

static inline uint64_t cv4l2_timings_clock(const struct v4l2_dv_timings *timings) { return timings->bt.pixelclock; }

static inline int cv4l2_timings_interlaced(const struct v4l2_dv_timings *timings) {
    return timings->bt.interlaced == V4L2_DV_INTERLACED;
}

// Ticks of the pixel clock in a frame, with all that is not visible.
static inline uint64_t cv4l2_timings_total(const struct v4l2_dv_timings *timings) {
    return (uint64_t)V4L2_DV_BT_FRAME_WIDTH(&timings->bt) * V4L2_DV_BT_FRAME_HEIGHT(&timings->bt);
}

// Whether both are the same picture at the same rate, but for what receivers cannot measure exactly.
static inline int cv4l2_timings_match(const struct v4l2_dv_timings *left, const struct v4l2_dv_timings *right) {
    uint64_t slow = left->bt.pixelclock, fast = right->bt.pixelclock;
    if (slow > fast) { uint64_t other = slow; slow = fast; fast = other; }
    return left->bt.width == right->bt.width && left->bt.height == right->bt.height
        && left->bt.interlaced == right->bt.interlaced
        && cv4l2_timings_total(left) == cv4l2_timings_total(right) && fast - slow <= slow / 200;
}
