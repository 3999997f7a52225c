// SPDX-License-Identifier: MIT
// Tells on descriptor 3, as a line "beyond=SECONDS", what processor time a program uses for a frame beside the calls of
// its codec and those that read and write frames. A frame is a write; the first ones do not count, nor does the end.
// What a codec does on threads of its own is not seen as the codec's: let it work on the thread that calls it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { FRAMES_BEFORE = 10, SMALLEST_WRITE = 64 };

/// Nanoseconds in the timed calls, of all threads.
static atomic_llong in_calls;
static atomic_llong frames;
/// The program's time beside the timed calls at the first frame that counts and at the latest.
static atomic_llong first, latest;

static int64_t spent(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/// What taking the time of a call costs before the first and after the second look at the clock.
static int64_t unseen;

static int64_t begin(void) { return spent(CLOCK_THREAD_CPUTIME_ID); }
static void end(int64_t start) { in_calls += spent(CLOCK_THREAD_CPUTIME_ID) - start + unseen; }

__attribute__((constructor)) static void calibrate(void) {
    enum { CALLS = 1000 };
    int64_t start = begin();
    for (int call = 0; call < CALLS; call++) end(begin());
    unseen = (begin() - start - in_calls) / CALLS;
    in_calls = 0;
}

static void note_frame(void) {
    int64_t beside = spent(CLOCK_PROCESS_CPUTIME_ID) - in_calls;
    if (++frames <= FRAMES_BEFORE) first = beside;
    latest = beside;
}

/// Defines a function of a library anew: what it did, and its time.
#define TIMED(result, name, parameters, arguments)                                     \
    result name parameters {                                                           \
        static result(*original) parameters;                                           \
        if (!original) original = (result(*) parameters)dlsym(RTLD_NEXT, #name);       \
        int64_t start = begin();                                                       \
        result answer = original arguments;                                            \
        end(start);                                                                    \
        return answer;                                                                 \
    }
#define TIMED_VOID(name, parameters, arguments)                                        \
    void name parameters {                                                             \
        static void(*original) parameters;                                             \
        if (!original) original = (void(*) parameters)dlsym(RTLD_NEXT, #name);         \
        int64_t start = begin();                                                       \
        original arguments;                                                            \
        end(start);                                                                    \
    }

TIMED(int, x264_encoder_encode, (void *encoder, void *nal, int *nals, void *in, void *out), (encoder, nal, nals, in, out))
TIMED_VOID(jpeg_start_compress, (void *codec, int all_tables), (codec, all_tables))
TIMED(unsigned, jpeg_write_raw_data, (void *codec, void *planes, unsigned rows), (codec, planes, rows))
TIMED_VOID(jpeg_finish_compress, (void *codec), (codec))
TIMED(ssize_t, pread, (int file, void *bytes, size_t count, off_t place), (file, bytes, count, place))
TIMED(ssize_t, pread64, (int file, void *bytes, size_t count, off_t place), (file, bytes, count, place))

ssize_t write(int file, const void *bytes, size_t count) {
    static ssize_t (*original)(int, const void *, size_t);
    if (!original) original = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    int64_t start = begin();
    ssize_t written = original(file, bytes, count);
    end(start);
    if (count >= SMALLEST_WRITE) note_frame();
    return written;
}

__attribute__((destructor)) static void tell(void) {
    if (frames > FRAMES_BEFORE) dprintf(3, "beyond=%.9f\n", (latest - first) * 1e-9 / (frames - FRAMES_BEFORE));
}
