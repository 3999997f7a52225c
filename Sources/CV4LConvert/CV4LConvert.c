// SPDX-License-Identifier: MIT

#include "CV4LConvert.h"

#include <stddef.h>

#if __has_include(<libv4lconvert.h>)

#include <dlfcn.h>
#include <errno.h>
#include <libv4l-plugin.h>
#include <libv4lconvert.h>
#include <pthread.h>
#include <string.h>

const char *const cv4lconvert_library = "libv4lconvert.so.0";

// The functions, with the types that the header gives them.
static struct {
    __typeof__(&v4lconvert_create_with_dev_ops) create;
    __typeof__(&v4lconvert_destroy) destroy;
    __typeof__(&v4lconvert_convert) convert;
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    void *handle = dlopen(cv4lconvert_library, RTLD_NOW | RTLD_LOCAL);
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

cv4lconvert *cv4lconvert_create(void) {
    static const struct libv4l_dev_ops operations = {
        .init = no_init, .close = no_close, .ioctl = no_ioctl, .read = no_read, .write = no_write};
    pthread_once(&once, load);
    return library.create == NULL ? NULL : (cv4lconvert *)library.create(-1, NULL, &operations);
}

void cv4lconvert_destroy(cv4lconvert *converter) { library.destroy((struct v4lconvert_data *)converter); }

int cv4lconvert_convert(
    cv4lconvert *converter, uint32_t from, uint32_t to, int width, int height, int stride, const void *source,
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
        (struct v4lconvert_data *)converter, &input, &output, (unsigned char *)source, source_count, target,
        target_count);
}

#else

const char *const cv4lconvert_library = NULL;

cv4lconvert *cv4lconvert_create(void) { return NULL; }

void cv4lconvert_destroy(cv4lconvert *converter) {}

int cv4lconvert_convert(
    cv4lconvert *converter, uint32_t from, uint32_t to, int width, int height, int stride, const void *source,
    int source_count, void *target, int target_count
) {
    return -1;
}

#endif
