// SPDX-License-Identifier: MIT

#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

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

void clinux_keep_memory_small(void) {
#ifdef __GLIBC__
    // Each thread that begins may get an arena of its own, whose holes no other one fills; two are enough for the few calls of
    // malloc that a frame costs. Thresholds that are given do not grow with what was freed, as they do by themselves.
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 128 << 10);
#endif
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

int clinux_rename_new(const char *old, const char *name) {
    if (renameat2(AT_FDCWD, old, AT_FDCWD, name, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    if (link(old, name) == 0) return unlink(old) == 0 ? 0 : errno;
    if (errno == EEXIST) return EEXIST;
    return rename(old, name) == 0 ? 0 : errno;
}

void clinux_unlock(int descriptor) {
    flock(descriptor, LOCK_UN);
}

int clinux_lock(int descriptor) {
    int result;
    do { result = flock(descriptor, LOCK_EX | LOCK_NB); } while (result == -1 && errno == EINTR);
    return result == -1 ? errno : 0;
}

int clinux_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int clinux_check_writers(int descriptor) {
    // Who opens the file for writing in this very moment causes a signal, which by default would be SIGIO and end the process.
    if (fcntl(descriptor, F_SETSIG, SIGURG) == -1) return errno;
    if (fcntl(descriptor, F_SETLEASE, F_RDLCK) == -1) return errno;
    (void)fcntl(descriptor, F_SETLEASE, F_UNLCK);
    return 0;
}

uint32_t clinux_file_system(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (uint32_t)status.f_type : 0;
}

int clinux_epoll(void) {
    int descriptor = epoll_create1(EPOLL_CLOEXEC);
    return descriptor == -1 ? -errno : descriptor;
}

int clinux_epoll_arm(int epoll, int descriptor, int is_write) {
    struct epoll_event event = {.events = EPOLLONESHOT | (is_write ? EPOLLOUT : EPOLLIN | EPOLLRDHUP), .data.fd = descriptor};
    // It is there already, switched off, when it was armed before.
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0)
        return 0;
    if (errno != ENOENT)
        return errno;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : errno;
}

int clinux_epoll_wait(int epoll, int *ready, int capacity) {
    struct epoll_event events[64];
    int count;
    do { count = epoll_wait(epoll, events, capacity < 64 ? capacity : 64, -1); } while (count == -1 && errno == EINTR);
    for (int index = 0; index < count; index++)
        ready[index] = events[index].data.fd;
    return count == -1 ? -errno : count;
}

int clinux_accept(int socket) {
    int descriptor = accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return descriptor == -1 ? -errno : descriptor;
}

const char *clinux_read_time(const char *text, const char *pattern, struct tm *fields) {
    return strptime(text, pattern, fields);
}

int clinux_clock_is_set(void) {
    struct timex clock = {0};
    if (adjtimex(&clock) == -1) return -errno;
    return (clock.status & STA_UNSYNC) == 0;
}
