// SPDX-License-Identifier: MIT

#include "CV4LConvert.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <string.h>
#include <sys/types.h>

// Its interface, which has been that of libv4lconvert.so.0 since version 0.9 (libv4lconvert.h, libv4l-plugin.h).
struct operations {
    void *(*init)(int descriptor);
    void (*close)(void *context);
    int (*ioctl)(void *context, int descriptor, unsigned long request, void *argument);
    ssize_t (*read)(void *context, int descriptor, void *buffer, size_t count);
    ssize_t (*write)(void *context, int descriptor, const void *buffer, size_t count);
    void (*reserved[7])(void);
};

static struct {
    struct cv4lconvert *(*create)(int descriptor, void *context, const struct operations *operations);
    void (*destroy)(struct cv4lconvert *converter);
    int (*convert)(
        struct cv4lconvert *converter, const struct v4l2_format *from, const struct v4l2_format *to,
        unsigned char *source, int source_count, unsigned char *target, int target_count);
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    void *handle = dlopen("libv4lconvert.so.0", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return;
    void *create = dlsym(handle, "v4lconvert_create_with_dev_ops");
    void *destroy = dlsym(handle, "v4lconvert_destroy");
    void *convert = dlsym(handle, "v4lconvert_convert");
    if (create == NULL || destroy == NULL || convert == NULL) return;
    memcpy(&library.destroy, &destroy, sizeof destroy);
    memcpy(&library.convert, &convert, sizeof convert);
    memcpy(&library.create, &create, sizeof create);
}

static void *no_init(int descriptor) { return NULL; }

static void no_close(void *context) {}

// A device without a name, formats and controls.
static int no_ioctl(void *context, int descriptor, unsigned long request, void *argument) {
    if (request == VIDIOC_QUERYCAP) {
        memset(argument, 0, sizeof(struct v4l2_capability));
        return 0;
    }
    errno = ENOTTY;
    return -1;
}

static ssize_t no_read(void *context, int descriptor, void *buffer, size_t count) {
    errno = EIO;
    return -1;
}

static ssize_t no_write(void *context, int descriptor, const void *buffer, size_t count) {
    errno = EIO;
    return -1;
}

struct cv4lconvert *cv4lconvert_create(void) {
    static const struct operations operations = {no_init, no_close, no_ioctl, no_read, no_write, {NULL}};
    pthread_once(&once, load);
    return library.create == NULL ? NULL : library.create(-1, NULL, &operations);
}

void cv4lconvert_destroy(struct cv4lconvert *converter) { library.destroy(converter); }

int cv4lconvert_convert(
    struct cv4lconvert *converter, uint32_t from, uint32_t to, int width, int height, int stride, const void *source,
    int source_count, void *target, int target_count
) {
    struct v4l2_format input = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    input.fmt.pix.width = (uint32_t)width;
    input.fmt.pix.height = (uint32_t)height;
    input.fmt.pix.field = V4L2_FIELD_NONE;
    struct v4l2_format output = input;
    input.fmt.pix.pixelformat = from;
    input.fmt.pix.bytesperline = (uint32_t)stride;
    input.fmt.pix.sizeimage = (uint32_t)source_count;
    output.fmt.pix.pixelformat = to;
    output.fmt.pix.bytesperline = (uint32_t)(to == V4L2_PIX_FMT_RGB24 ? 3 * width : width);
    output.fmt.pix.sizeimage = (uint32_t)target_count;
    // The library does not write to its source, though it does not say so.
    return library.convert(
        converter, &input, &output, (unsigned char *)source, source_count, target, target_count);
}
