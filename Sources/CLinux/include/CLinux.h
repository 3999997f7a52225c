// SPDX-License-Identifier: MIT
// Functions of the C library and the kernel that Swift's Glibc module leaves out.

#pragma once

#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <time.h>

/// Names the calling thread as tools show it; Linux keeps 15 bytes.
void clinux_set_thread_name(const char *_Nonnull name);

/// Writes the calling thread's name, at most 15 bytes and a zero.
void clinux_get_thread_name(char *_Nonnull name);

/// Lets the calling thread, and those it starts from now on, not take the processor from others when it wakes: SCHED_BATCH.
void clinux_run_as_batch(void);

/// Has the C library give freed memory back: a process that reopens cameras and files for months keeps what it uses, not what it
/// once used. To be called before other threads begin.
void clinux_keep_memory_small(void);

/// Makes `condition` measure its time-outs on CLOCK_MONOTONIC; 0 or an errno.
int clinux_init_monotonic_condition(pthread_cond_t *_Nonnull condition);

/// eventfd(2), close-on-exec and non-blocking; a file descriptor, or a negative errno.
int clinux_eventfd(void);

/// open(2) with a mode, which Swift cannot call because it is variadic; a file descriptor, or a negative errno.
int clinux_open(const char *_Nonnull path, int flags, uint32_t mode);

/// Gives a file another name unless something has it: renameat2(2), or link(2) where the file system lacks that; 0 or an
/// errno, EEXIST when the name is taken. File systems that can do neither replace what has the name.
int clinux_rename_new(const char *_Nonnull old, const char *_Nonnull name);

/// Has a program that is started by posix_spawn(3) keep no file but those below `first`; 0 or an errno.
int clinux_close_from(posix_spawn_file_actions_t *_Nonnull actions, int first);

/// flock(2) for writing, without waiting; 0 or an errno. Swift takes its name for that of a structure.
int clinux_lock(int descriptor);

/// Gives the lock back, also where a process that is just being started holds a copy of the descriptor.
void clinux_unlock(int descriptor);

/// Whether any process has the file open for writing, by asking for a read lease (fcntl(2)) on a descriptor for reading alone; 0
/// when none has, EAGAIN when one has, or another errno where leases are not to be had. The lease is given back at once.
int clinux_check_writers(int descriptor);

/// The number of the kind of file system that a path lies on, as statfs(2) tells it; 0 where it does not.
uint32_t clinux_file_system(const char *_Nonnull path);

/// epoll_create1(2), close-on-exec; a file descriptor, or a negative errno.
int clinux_epoll(void);

/// Has a descriptor reported once by clinux_epoll_wait when it can be read from, or written to; 0 or an errno.
int clinux_epoll_arm(int epoll, int descriptor, int is_write);

/// Waits for descriptors that were armed; how many were put into `ready`, or a negative errno.
int clinux_epoll_wait(int epoll, int *_Nonnull ready, int capacity);

/// accept4(2), close-on-exec and non-blocking; a file descriptor, or a negative errno.
int clinux_accept(int socket);

/// strptime(3): reads a time by a pattern; what follows it in the text, or null where it does not fit.
const char *_Nullable clinux_read_time(const char *_Nonnull text, const char *_Nonnull pattern, struct tm *_Nonnull fields);

/// Whether a time server keeps the kernel's clock right, as adjtimex(2) tells: 1 or 0, or a negative errno.
int clinux_clock_is_set(void);
