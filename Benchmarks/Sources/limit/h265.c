// SPDX-License-Identifier: MIT
// libx265 with the settings of the row: zerolatency, a bit rate with a buffer of one second.
#include "limit.h"

#include <stdlib.h>
#include <x265.h>

void limit_h265(const struct work *work) {
    struct footage footage = load(work, (size_t)work->width * work->height * 3 / 2);
    struct planar planar = {0};
    double start = now(), cpu = cpu_seconds();
    x265_param *parameters = x265_param_alloc();
    x265_param_default_preset(parameters, work->preset, "zerolatency");
    parameters->sourceWidth = work->width;
    parameters->sourceHeight = work->height;
    parameters->fpsNum = 30;
    parameters->fpsDenom = 1;
    parameters->internalCsp = X265_CSP_I420;
    parameters->logLevel = X265_LOG_ERROR;
    parameters->rc.rateControlMode = X265_RC_ABR;
    parameters->rc.bitrate = parameters->rc.vbvMaxBitrate = parameters->rc.vbvBufferSize = work->kilobits;
    x265_encoder *encoder = x265_encoder_open(parameters);
    if (!encoder) fail("x265");
    size_t bytes = 0;
    for (int index = 0, more = 1; more; index++) {
        x265_picture picture;
        x265_picture_init(parameters, &picture);
        if (index < work->frames) {
            split(work, frame(&footage, index), &planar);
            for (int plane = 0; plane < 3; plane++) picture.planes[plane] = (void *)planar.planes[plane];
            picture.stride[0] = work->width;
            picture.stride[1] = picture.stride[2] = work->width / 2;
            picture.pts = index;
        }
        x265_nal *units;
        uint32_t count;
        more = x265_encoder_encode(encoder, &units, &count, index < work->frames ? &picture : NULL, NULL);
        if (more < 0) fail("x265");
        for (uint32_t unit = 0; unit < count; unit++) bytes += units[unit].sizeBytes;
        more = more > 0 || index < work->frames;
    }
    x265_encoder_close(encoder);
    x265_param_free(parameters);
    free(planar.chroma);
    report(start, cpu, bytes);
}
