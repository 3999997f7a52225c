// SPDX-License-Identifier: MIT

#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

void clinux_set_thread_name(const char *name) {
    char shortened[16] = {0};
    strncpy(shortened, name, sizeof shortened - 1);
    // It fails in some containers; a thread without a name works as well.
    (void)pthread_setname_np(pthread_self(), shortened);
}

void clinux_get_thread_name(char *name) {
    if (pthread_getname_np(pthread_self(), name, 16) != 0)
        name[0] = '\0';
}

void clinux_run_as_batch(void) {
    struct sched_param parameters = {0};
    // A policy that a user chose for the whole program stays; what fails costs some speed.
    if (sched_getscheduler(0) == SCHED_OTHER) (void)sched_setscheduler(0, SCHED_BATCH, &parameters);
}

int clinux_init_monotonic_condition(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);
    if (error != 0) return error;
    error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (error == 0) error = pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
    return error;
}

int clinux_eventfd(void) {
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return descriptor == -1 ? -errno : descriptor;
}

int clinux_open(const char *path, int flags, uint32_t mode) {
    int descriptor;
    do { descriptor = open(path, flags, (mode_t)mode); } while (descriptor == -1 && errno == EINTR);
    return descriptor == -1 ? -errno : descriptor;
}
