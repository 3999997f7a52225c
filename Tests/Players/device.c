// SPDX-License-Identifier: MIT
// A device of V4L2 for a program that knows no other cameras, where the kernel has none: loaded in front of it
// (LD_PRELOAD).
//
// The device is a FIFO through which pictures in planes of YUV 4:2:0 come; it gives YUYV, as most webcams do. Only what
// ustreamer asks of a device is answered.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 1280, HEIGHT = 720, PLANES = WIDTH * HEIGHT * 3 / 2, SIZE = WIDTH * HEIGHT * 2, MOST = 8 };

static int device = -1;
static unsigned char *buffers[MOST], planes[PLANES];
static unsigned queued[MOST], first, count, sequence;

static int begin(const char *path) {
    // A pipe that is open for writing too would always be ready to be written to, which no camera is.
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
    device = real(path, O_RDONLY | O_CLOEXEC);
    fcntl(device, F_SETPIPE_SZ, 1 << 20);
    return device;
}

static int isDevice(const char *path) {
    const char *wanted = getenv("CAMERA_FIFO");
    return wanted && strcmp(path, wanted) == 0;
}

#define OPEN(name)                                                                                  \
    int name(const char *path, int flags, ...) {                                                    \
        va_list list;                                                                               \
        va_start(list, flags);                                                                      \
        mode_t mode = va_arg(list, mode_t);                                                         \
        va_end(list);                                                                               \
        int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name); \
        return isDevice(path) ? begin(path) : real(path, flags, mode);                              \
    }
OPEN(open)
OPEN(open64)

#define MAP(name, Offset)                                                                           \
    void *name(void *address, size_t length, int protection, int flags, int fd, Offset offset) {    \
        void *(*real)(void *, size_t, int, int, int, Offset) =                                      \
            (void *(*)(void *, size_t, int, int, int, Offset))dlsym(RTLD_NEXT, #name);              \
        if (fd < 0 || fd != device) return real(address, length, protection, flags, fd, offset);    \
        void *bytes = real(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); \
        buffers[offset / SIZE % MOST] = bytes;                                                      \
        return bytes;                                                                               \
    }
MAP(mmap, off_t)
MAP(mmap64, off64_t)

/// Makes YUYV of the planes.
static void interleave(unsigned char *out) {
    for (int y = 0; y < HEIGHT; y++) {
        const unsigned char *luma = planes + y * WIDTH;
        const unsigned char *blue = planes + WIDTH * HEIGHT + y / 2 * (WIDTH / 2), *red = blue + WIDTH * HEIGHT / 4;
        for (int x = 0; x < WIDTH / 2; x++, out += 4) {
            out[0] = luma[2 * x];
            out[1] = blue[x];
            out[2] = luma[2 * x + 1];
            out[3] = red[x];
        }
    }
}

/// Fills the oldest buffer that is queued with the next picture.
static int take(struct v4l2_buffer *buffer) {
    struct pollfd ready = {device, POLLIN, 0};
    if (count == 0 || poll(&ready, 1, 0) <= 0) return errno = EAGAIN, -1;
    unsigned index = queued[first++ % MOST];
    count--;
    for (size_t filled = 0; filled < PLANES;) {
        ssize_t result = read(device, planes + filled, PLANES - filled);
        if (result <= 0) return errno = ENODEV, -1;
        filled += result;
    }
    interleave(buffers[index]);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    buffer->index = index;
    buffer->bytesused = SIZE;
    buffer->length = SIZE;
    buffer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    buffer->timestamp = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    buffer->sequence = sequence++;
    return 0;
}

static void describe(struct v4l2_pix_format *format) {
    format->width = WIDTH;
    format->height = HEIGHT;
    format->pixelformat = V4L2_PIX_FMT_YUYV;
    format->field = V4L2_FIELD_NONE;
    format->bytesperline = WIDTH * 2;
    format->sizeimage = SIZE;
}

static int answer(unsigned long request, void *argument) {
    // Some programs keep requests in an int, whose sign is then spread.
    switch (request & 0xFFFFFFFF) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *capability = argument;
        memset(capability, 0, sizeof *capability);
        strcpy((char *)capability->driver, "fifo");
        strcpy((char *)capability->card, "FIFO");
        capability->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_DEVICE_CAPS;
        capability->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        return 0;
    }
    case VIDIOC_S_FMT:
    case VIDIOC_G_FMT:
        describe(&((struct v4l2_format *)argument)->fmt.pix);
        return 0;
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
        struct v4l2_captureparm *capture = &((struct v4l2_streamparm *)argument)->parm.capture;
        capture->capability = V4L2_CAP_TIMEPERFRAME;
        capture->timeperframe = (struct v4l2_fract){1, 30};
        return 0;
    }
    case VIDIOC_REQBUFS: {
        struct v4l2_requestbuffers *wanted = argument;
        if (wanted->count > MOST) wanted->count = MOST;
        return 0;
    }
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *buffer = argument;
        buffer->length = SIZE;
        buffer->m.offset = buffer->index * SIZE;
        return 0;
    }
    case VIDIOC_QBUF:
        queued[(first + count++) % MOST] = ((struct v4l2_buffer *)argument)->index;
        return 0;
    case VIDIOC_DQBUF: return take(argument);
    case VIDIOC_S_INPUT:
    case VIDIOC_STREAMON:
    case VIDIOC_STREAMOFF: return 0;
    default: return errno = ENOTTY, -1;
    }
}

int ioctl(int fd, unsigned long request, ...) {
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (fd >= 0 && fd == device) return answer(request, argument);
    int (*real)(int, unsigned long, ...) = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
    return real(fd, request, argument);
}
