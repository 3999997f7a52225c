// SPDX-License-Identifier: MIT
// A disk and a kernel that fail when they are asked to: loaded in front of the C library by LD_PRELOAD.
//
// CAMERA_FAULT is "CALL FILE N FAULT": the N-th CALL for a file whose path ends with FILE meets FAULT; with "N+" each from
// the N-th on does. CALL is open, read (pread), write, overwrite (pwrite), sync (fsync and fdatasync), truncate, close or rename. FAULT is an
// error's name (EIO, ENOSPC, ...), "short" for half the bytes, "slow" for a call that takes two seconds, "stuck" for
// one that never returns. "-" for FILE is standard output, "." the folder that the program runs in.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { goes_on = 0, fails = -1, is_short = 1 };

static char wanted_call[16], wanted_file[128], wanted_fault[16];
static long wanted_number;
static char wanted_plus[2];
static atomic_long calls;
// Whether a descriptor belongs to the file.
static _Atomic char is_watched[4096];

__attribute__((constructor)) static void read_wish(void) {
    const char *text = getenv("CAMERA_FAULT");
    if (!text) return;
    if (sscanf(text, "%15s %127s %ld%1[+] %15s", wanted_call, wanted_file, &wanted_number, wanted_plus, wanted_fault) < 5 &&
        sscanf(text, "%15s %127s %ld %15s", wanted_call, wanted_file, &wanted_number, wanted_fault) < 4)
        abort();
    if (strcmp(wanted_file, "-") == 0) is_watched[STDOUT_FILENO] = 1;
}

static int is_wanted_file(const char *path) {
    size_t length = strlen(path), wanted = strlen(wanted_file);
    return wanted > 0 && length >= wanted && strcmp(path + length - wanted, wanted_file) == 0;
}

static int watches(int descriptor) {
    return descriptor >= 0 && descriptor < (int)sizeof is_watched && is_watched[descriptor];
}

static int error_number(const char *name) {
    static const struct { const char *name; int number; } errors[] = {
        {"EINTR", EINTR}, {"EAGAIN", EAGAIN}, {"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EFBIG", EFBIG}, {"EDQUOT", EDQUOT},
        {"EPIPE", EPIPE}, {"EROFS", EROFS}, {"EACCES", EACCES}, {"EMFILE", EMFILE},
    };
    for (size_t index = 0; index < sizeof errors / sizeof *errors; index++)
        if (strcmp(name, errors[index].name) == 0) return errors[index].number;
    abort();
}

// What becomes of a call for the file.
static int fate(const char *call) {
    if (strcmp(call, wanted_call) != 0) return goes_on;
    long number = ++calls;
    if (number < wanted_number || (number > wanted_number && !wanted_plus[0])) return goes_on;
    if (strcmp(wanted_fault, "short") == 0) return is_short;
    if (strcmp(wanted_fault, "slow") == 0) {
        struct timespec time = {2, 0};
        while (nanosleep(&time, &time) != 0) {}
        return goes_on;
    }
    if (strcmp(wanted_fault, "stuck") == 0)
        for (;;) pause();
    int error = error_number(wanted_fault);
    // As the kernel does it: to the thread that writes.
    if (error == EFBIG) pthread_kill(pthread_self(), SIGXFSZ);
    if (error == EPIPE) pthread_kill(pthread_self(), SIGPIPE);
    errno = error;
    return fails;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int opened(int descriptor, const char *path) {
    if (descriptor >= 0 && descriptor < (int)sizeof is_watched) is_watched[descriptor] = is_wanted_file(path);
    return descriptor;
}

#define MODE                                          \
    va_list arguments;                                \
    va_start(arguments, flags);                       \
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0; \
    va_end(arguments);

int open(const char *path, int flags, ...) {
    MODE
    // To look at a file is no call for it.
    if ((flags & O_ACCMODE) != O_RDONLY && is_wanted_file(path) && fate("open") == fails) return -1;
    return opened(NEXT(open)(path, flags, mode), path);
}

int open64(const char *path, int flags, ...) {
    MODE
    if ((flags & O_ACCMODE) != O_RDONLY && is_wanted_file(path) && fate("open") == fails) return -1;
    return opened(NEXT(open64)(path, flags, mode), path);
}

int openat(int folder, const char *path, int flags, ...) {
    MODE
    if ((flags & O_ACCMODE) != O_RDONLY && is_wanted_file(path) && fate("open") == fails) return -1;
    return opened(NEXT(openat)(folder, path, flags, mode), path);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    if (watches(descriptor)) {
        int what = fate("write");
        if (what == fails) return -1;
        if (what == is_short) count = (count + 1) / 2;
    }
    return NEXT(write)(descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    if (watches(descriptor)) {
        int what = fate("overwrite");
        if (what == fails) return -1;
        if (what == is_short) count = (count + 1) / 2;
    }
    return NEXT(pwrite)(descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    return pwrite(descriptor, bytes, count, offset);
}

ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
    if (watches(descriptor)) {
        int what = fate("read");
        if (what == fails) return -1;
        if (what == is_short) count = (count + 1) / 2;
    }
    return NEXT(pread)(descriptor, bytes, count, offset);
}

ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t offset) {
    return pread(descriptor, bytes, count, offset);
}

int fsync(int descriptor) {
    if (watches(descriptor) && fate("sync") == fails) return -1;
    return NEXT(fsync)(descriptor);
}

int fdatasync(int descriptor) {
    if (watches(descriptor) && fate("sync") == fails) return -1;
    return NEXT(fdatasync)(descriptor);
}

int ftruncate(int descriptor, off_t length) {
    if (watches(descriptor) && fate("truncate") == fails) return -1;
    return NEXT(ftruncate)(descriptor, length);
}

int close(int descriptor) {
    int fails_later = 0;
    if (watches(descriptor)) {
        fails_later = fate("close") == fails;
        is_watched[descriptor] = 0;
    }
    int error = errno, result = NEXT(close)(descriptor);
    if (!fails_later) return result;
    errno = error;
    return -1;
}

int rename(const char *from, const char *to) {
    if (is_wanted_file(to) && fate("rename") == fails) return -1;
    return NEXT(rename)(from, to);
}

int renameat2(int old_folder, const char *from, int new_folder, const char *to, unsigned int flags) {
    if (is_wanted_file(to) && fate("rename") == fails) return -1;
    return NEXT(renameat2)(old_folder, from, new_folder, to, flags);
}

int linkat(int old_folder, const char *from, int new_folder, const char *to, int flags) {
    if (is_wanted_file(to) && fate("rename") == fails) return -1;
    return NEXT(linkat)(old_folder, from, new_folder, to, flags);
}
