// SPDX-License-Identifier: MIT
#include "limit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

void fail(const char *what) {
    perror(what);
    exit(1);
}

static void fill(const struct footage *footage, uint8_t *bytes, size_t count) {
    for (size_t got = 0; got < count;) {
        ssize_t part = read(footage->file, bytes + got, count - got);
        if (part <= 0) fail("reading the footage");
        got += part;
    }
}

struct footage load(const struct work *work, size_t frame_bytes) {
    int most = work->rate > 0 ? 1 : 132;
    struct footage footage = {.frame_bytes = frame_bytes, .count = work->frames < most ? work->frames : most};
    footage.bytes = malloc(frame_bytes * footage.count);
    footage.file = open(work->file, O_RDONLY);
    if (footage.file < 0 || !footage.bytes) fail(work->file);
    if (work->rate > 0) return footage;
    fill(&footage, footage.bytes, frame_bytes * footage.count);
    close(footage.file);
    footage.file = -1;
    return footage;
}

const uint8_t *frame(const struct footage *footage, int index) {
    if (footage->file >= 0) fill(footage, footage->bytes, footage->frame_bytes);
    return footage->bytes + footage->frame_bytes * (index % footage->count);
}

void pace(const struct work *work, double start, int index) {
    if (work->rate <= 0) return;
    double due = start + index / work->rate;
    struct timespec time = {.tv_sec = due, .tv_nsec = (due - (time_t)due) * 1e9};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

void report(double start, double cpu, size_t bytes) {
    dprintf(3, "loop=%.6f\nloop_cpu=%.6f\nbytes=%zu\n", now() - start, cpu_seconds() - cpu, bytes);
}

int main(int count, char **words) {
    static const struct { const char *name; void (*run)(const struct work *); } modes[] = {
        {"h264", limit_h264}, {"h265", limit_h265}, {"mjpeg", limit_mjpeg}, {"yuyv", limit_yuyv}, {"pipe", limit_pipe},
        {"write", limit_write}, {"wake", limit_wake},
    };
    struct work work = {.preset = "ultrafast", .width = 1920, .height = 1080, .frames = 100, .threads = 1,
                        .kilobits = 8000, .quality = 85};
    for (int index = 2; index + 1 < count; index += 2) {
        const char *name = words[index], *value = words[index + 1];
        if (!strcmp(name, "--file")) work.file = value;
        else if (!strcmp(name, "--output")) work.output = value;
        else if (!strcmp(name, "--preset")) work.preset = value;
        else if (!strcmp(name, "--size")) sscanf(value, "%dx%d", &work.width, &work.height);
        else if (!strcmp(name, "--frames")) work.frames = atoi(value);
        else if (!strcmp(name, "--threads")) work.threads = atoi(value);
        else if (!strcmp(name, "--kilobits")) work.kilobits = atoi(value);
        else if (!strcmp(name, "--quality")) work.quality = atoi(value);
        else if (!strcmp(name, "--rate")) work.rate = atof(value);
        else count = 0;
    }
    for (size_t index = 0; count > 1 && index < sizeof modes / sizeof *modes; index++)
        if (!strcmp(words[1], modes[index].name)) {
            modes[index].run(&work);
            return 0;
        }
    fprintf(stderr, "usage: limit h264|h265|mjpeg|yuyv|pipe|write|wake --file F --size WxH --frames N --threads N --kilobits N "
                    "--quality N --preset P --rate FPS --output F\n");
    return 64;
}
