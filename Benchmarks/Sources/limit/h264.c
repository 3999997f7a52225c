// SPDX-License-Identifier: MIT
// libx264 with the settings of the row: zerolatency, a bit rate with a buffer of one second.
#include "limit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <x264.h>

static x264_t *open_encoder(const struct work *work) {
    x264_param_t parameters;
    x264_param_default_preset(&parameters, work->preset, "zerolatency");
    parameters.i_csp = X264_CSP_NV12;
    parameters.i_width = work->width;
    parameters.i_height = work->height;
    parameters.i_fps_num = 30;
    parameters.i_fps_den = 1;
    parameters.i_timebase_num = 1;
    parameters.i_timebase_den = 30;
    parameters.b_vfr_input = 0;
    parameters.i_threads = work->threads;
    parameters.rc.i_rc_method = X264_RC_ABR;
    parameters.rc.i_bitrate = parameters.rc.i_vbv_max_bitrate = parameters.rc.i_vbv_buffer_size = work->kilobits;
    parameters.i_log_level = X264_LOG_ERROR;
    x264_t *encoder = x264_encoder_open(&parameters);
    if (!encoder) fail("x264");
    return encoder;
}

/// Encodes a frame and writes what comes out; how much that was.
static size_t encode(x264_t *encoder, const struct work *work, const uint8_t *frame, int index, int output) {
    x264_picture_t picture, made;
    x264_picture_init(&picture);
    picture.img.i_csp = X264_CSP_NV12;
    picture.img.i_plane = 2;
    picture.img.plane[0] = (uint8_t *)frame;
    picture.img.plane[1] = (uint8_t *)frame + (size_t)work->width * work->height;
    picture.img.i_stride[0] = picture.img.i_stride[1] = work->width;
    picture.i_pts = index;
    x264_nal_t *units;
    int count, bytes = x264_encoder_encode(encoder, &units, &count, frame ? &picture : NULL, &made);
    if (bytes < 0) fail("x264");
    if (bytes > 0 && output >= 0 && write(output, units[0].p_payload, bytes) != bytes) fail("write");
    return bytes;
}

void limit_h264(const struct work *work) {
    struct footage footage = load(work, (size_t)work->width * work->height * 3 / 2);
    int output = work->output ? open(work->output, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    double start = now(), cpu = cpu_seconds();
    x264_t *encoder = open_encoder(work);
    size_t bytes = 0;
    for (int index = 0; index < work->frames; index++) {
        pace(work, start, index);
        bytes += encode(encoder, work, frame(&footage, index), index, output);
    }
    while (x264_encoder_delayed_frames(encoder)) bytes += encode(encoder, work, NULL, 0, output);
    x264_encoder_close(encoder);
    report(start, cpu, bytes);
}

void limit_pipe(const struct work *work) {
    size_t size = (size_t)work->width * work->height * 3 / 2;
    uint8_t *bytes = malloc(size);
    x264_t *encoder = open_encoder(work);
    for (int index = 0;; index++) {
        for (size_t got = 0; got < size;) {
            ssize_t part = read(STDIN_FILENO, bytes + got, size - got);
            if (part < 0) fail("read");
            if (part == 0) return;
            got += part;
        }
        encode(encoder, work, bytes, index, STDOUT_FILENO);
    }
}
