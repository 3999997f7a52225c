// SPDX-License-Identifier: MIT
// Runs a command and tells what it cost, as lines NAME=VALUE in a file, which the command has as descriptor 3:
//   wall, cpu (seconds), rss (peak, bytes), switches (voluntary and not), status (its exit code, or 128 + signal),
//   and with -1 first: the seconds from exec to the first byte of its output.
// Small on purpose: a process's peak memory begins with that of the process which started it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static double seconds(struct timeval time) { return time.tv_sec + time.tv_usec * 1e-6; }

int main(int count, char **words) {
    int wants_first = count > 1 && strcmp(words[1], "-1") == 0;
    char **command = words + 2 + wants_first;
    if (count < 3 + wants_first) {
        fprintf(stderr, "usage: measure [-1] REPORT COMMAND [ARGUMENT...]\n");
        return 64;
    }
    int report = open(command[-1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0666);
    if (report < 0 || dup2(report, 3) < 0) return 73;
    if (report != 3) close(report);
    int ends[2] = {-1, -1};
    if (wants_first && pipe2(ends, O_CLOEXEC) != 0) return 71;
    double start = now();
    pid_t child = fork();
    if (child < 0) return 71;
    if (child == 0) {
        if (wants_first) dup2(ends[1], STDOUT_FILENO);
        execvp(command[0], command);
        fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    double first = 0;
    if (wants_first) {
        close(ends[1]);
        static char bytes[1 << 16];
        ssize_t got;
        while ((got = read(ends[0], bytes, sizeof bytes)) > 0)
            if (first == 0) first = now() - start;
    }
    int status = 0;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {}
    double wall = now() - start;
    dprintf(3, "wall=%.6f\ncpu=%.6f\nrss=%ld\nswitches=%ld\nstatus=%d\n", wall,
            seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss * 1024,
            usage.ru_nvcsw + usage.ru_nivcsw, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    if (wants_first) dprintf(3, "first=%.6f\n", first);
    return 0;
}
