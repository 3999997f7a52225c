// SPDX-License-Identifier: MIT
// What a C library does in a bare loop: the limit that a recording program can come close to.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What a limit works on and how.
struct work {
    const char *file;    // raw frames, NV12 unless the mode says otherwise
    const char *output;  // where coded bytes go; NULL for nowhere
    const char *preset;
    int width, height, frames, threads, kilobits, quality;
    double rate;  // frames a second to keep to; 0 for as fast as it goes
};

/// Frames that a file begins with, held in memory and gone through again and again; where the work has a rate, each
/// frame of the file is read when its time has come.
struct footage {
    int file;
    uint8_t *bytes;
    size_t frame_bytes;
    int count;
};

/// A frame with planes of U and V, as libraries want it that do not take NV12.
struct planar {
    const uint8_t *planes[3];
    uint8_t *chroma;  // to be freed
};

/// Takes the chroma of an NV12 frame apart.
void split(const struct work *work, const uint8_t *bytes, struct planar *planar);
double now(void);
double cpu_seconds(void);
void fail(const char *what);
struct footage load(const struct work *work, size_t frame_bytes);
/// A frame's bytes, read when its turn has come where the work has a rate.
const uint8_t *frame(const struct footage *footage, int index);
/// Waits for a frame's time where the work has a rate.
void pace(const struct work *work, double start, int index);
/// Tells what the loop took and how much it made.
void report(double start, double cpu, size_t bytes);

void limit_h264(const struct work *work);
void limit_h265(const struct work *work);
void limit_mjpeg(const struct work *work);
void limit_yuyv(const struct work *work);
/// Raw frames into a file.
void limit_write(const struct work *work);
/// No work at all: for each frame a thread wakes, and the others after it, one by one.
void limit_wake(const struct work *work);
/// H.264 from standard input to standard output, one frame at a time.
void limit_pipe(const struct work *work);
