/* SPDX-License-Identifier: MIT
 *
 * A thousand objects, one after the other; prints what they left behind: files, threads and kilobytes of memory.
 * Argument: the type. */
#include <dirent.h>
#include <sp_codec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIDE = 64, SIZE = SIDE * SIDE * 3 / 2 };

struct footprint { int files, threads, kilobytes; };

static int entries(const char *path) {
    DIR *folder = opendir(path);
    int count = 0;
    if (!folder) exit(2);
    while (readdir(folder)) count++;
    closedir(folder);
    return count;
}

static struct footprint footprint(void) {
    struct footprint now = {entries("/proc/self/fd"), entries("/proc/self/task"), 0};
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    if (!status) exit(2);
    while (fgets(line, sizeof line, status)) sscanf(line, "VmRSS: %d", &now.kilobytes);
    fclose(status);
    return now;
}

static void cycle(int type) {
    static char frame[SIZE], stream[SIZE];
    memset(frame, 100, SIZE);
    void *encoder = sp_init_encoder_module();
    if (!encoder || sp_start_encode(encoder, 0, type, SIDE, SIDE, 500) || sp_encoder_set_frame(encoder, frame, SIZE)
        || sp_encoder_get_stream(encoder, stream) <= 0) {
        printf("a cycle failed\n");
        exit(1);
    }
    sp_release_encoder_module(encoder);
}

int main(int count, char **arguments) {
    if (count != 2) return 2;
    int type = atoi(arguments[1]);
    /* What libraries keep for the next time is there after some. */
    for (int number = 0; number < 200; number++) cycle(type);
    struct footprint before = footprint();
    for (int number = 0; number < 1000; number++) cycle(type);
    struct footprint after = footprint();
    /* A thread that has ended may still be listed for a moment. */
    for (int wait = 0; wait < 1000 && after.threads > before.threads; wait++) {
        usleep(10000);
        after = footprint();
    }
    printf("%d %d %d\n", after.files - before.files, after.threads - before.threads, after.kilobytes - before.kilobytes);
    return 0;
}
