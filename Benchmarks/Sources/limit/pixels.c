// SPDX-License-Identifier: MIT
// libjpeg-turbo's compression and libyuv's conversion.
#include "limit.h"

#include <fcntl.h>
#include <libyuv.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>
#include <unistd.h>

void split(const struct work *work, const uint8_t *bytes, struct planar *planar) {
    int width = work->width / 2, height = work->height / 2;
    size_t luma = (size_t)work->width * work->height, chroma = (size_t)width * height;
    if (!planar->chroma) planar->chroma = malloc(2 * chroma);
    SplitUVPlane(bytes + luma, work->width, planar->chroma, width, planar->chroma + chroma, width, width, height);
    planar->planes[0] = bytes;
    planar->planes[1] = planar->chroma;
    planar->planes[2] = planar->chroma + chroma;
}

struct shared {
    const struct work *work;
    const struct footage *footage;
    double start;
    atomic_int next;
    atomic_size_t bytes;
    int output;
};

static void *compress(void *context) {
    struct shared *shared = context;
    const struct work *work = shared->work;
    tjhandle handle = tjInitCompress();
    unsigned long room = tjBufSize(work->width, work->height, TJSAMP_420);
    unsigned char *picture = malloc(room);
    struct planar planar = {0};
    for (int index; (index = atomic_fetch_add(&shared->next, 1)) < work->frames;) {
        pace(work, shared->start, index);
        split(work, frame(shared->footage, index), &planar);
        int strides[] = {work->width, work->width / 2, work->width / 2};
        unsigned long count = room;
        if (tjCompressFromYUVPlanes(handle, planar.planes, work->width, strides, work->height, TJSAMP_420, &picture, &count,
                                    work->quality, TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT) != 0) {
            fprintf(stderr, "%s\n", tjGetErrorStr2(handle));
            exit(1);
        }
        atomic_fetch_add(&shared->bytes, count);
        if (shared->output >= 0 && write(shared->output, picture, count) != (ssize_t)count) fail("write");
    }
    free(picture);
    free(planar.chroma);
    tjDestroy(handle);
    return NULL;
}

void limit_mjpeg(const struct work *work) {
    struct footage footage = load(work, (size_t)work->width * work->height * 3 / 2);
    double cpu = cpu_seconds();
    struct shared shared = {.work = work, .footage = &footage, .start = now()};
    shared.output = work->output ? open(work->output, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    pthread_t threads[64];
    int count = work->threads < 64 ? work->threads : 64;
    for (int index = 0; index < count; index++) pthread_create(&threads[index], NULL, compress, &shared);
    for (int index = 0; index < count; index++) pthread_join(threads[index], NULL);
    report(shared.start, cpu, shared.bytes);
}

void limit_yuyv(const struct work *work) {
    struct footage footage = load(work, (size_t)work->width * work->height * 2);
    size_t luma = (size_t)work->width * work->height, size = luma * 3 / 2;
    uint8_t *made = malloc(size);
    int output = work->output ? open(work->output, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    double start = now(), cpu = cpu_seconds();
    for (int index = 0; index < work->frames; index++) {
        YUY2ToI420(frame(&footage, index), work->width * 2, made, work->width, made + luma, work->width / 2,
                   made + luma * 5 / 4, work->width / 2, work->width, work->height);
        if (output >= 0 && write(output, made, size) != (ssize_t)size) fail("write");
    }
    report(start, cpu, size * work->frames);
}

void limit_write(const struct work *work) {
    struct work one = *work;
    one.frames = 1;
    struct footage footage = load(&one, (size_t)work->width * work->height * 3 / 2);
    int output = open(work->output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    double start = now(), cpu = cpu_seconds();
    for (int index = 0; index < work->frames; index++)
        // One frame again and again, from the cache: no recording can have them cheaper.
        if (write(output, footage.bytes, footage.frame_bytes) != (ssize_t)footage.frame_bytes) fail("write");
    report(start, cpu, footage.frame_bytes * work->frames);
}
