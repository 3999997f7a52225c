/* SPDX-License-Identifier: MIT
 *
 * In the manner of the boards' own programs: their headers, -lspcdev, one thread that sets frames and one that waits for
 * streams, in a buffer of a byte for each pixel, rounded down to whole pages.
 * board TYPE WIDTH HEIGHT BITS IN.nv12 OUT: encodes every frame of a file. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "sp_codec.h"
#include "sp_display.h"
#include "sp_sys.h"
#include "sp_vio.h"

static void *encoder;
static FILE *in;
static int frame_size;
static atomic_int frames;
static atomic_bool fed;

static void *feed(void *unused) {
    char *frame = malloc(frame_size);
    while (frame && fread(frame, 1, frame_size, in) == (size_t)frame_size) {
        /* Waits three seconds while seven are not fetched yet: long enough but on the busiest of machines. */
        while (sp_encoder_set_frame(encoder, frame, frame_size) != 0) continue;
        frames++;
    }
    fed = true;
    free(frame);
    return unused;
}

int main(int argc, char **argv) {
    if (argc != 7) return 64;
    int width = atoi(argv[2]), height = atoi(argv[3]);
    int stream_size = width * height / 4096 * 4096;
    frame_size = FRAME_BUFFER_SIZE(width, height);
    /* With nothing behind it that may be touched. */
    char *memory = mmap(NULL, stream_size + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    in = fopen(argv[5], "rb");
    FILE *out = fopen(argv[6], "wb");
    if (memory == MAP_FAILED || mprotect(memory + stream_size, 4096, PROT_NONE) || !in || !out) return 66;
    encoder = sp_init_encoder_module();
    if (!encoder || sp_start_encode(encoder, 0, atoi(argv[1]), width, height, atoi(argv[4]))) return 1;
    pthread_t feeder;
    if (pthread_create(&feeder, NULL, feed, NULL)) return 1;
    int count = 0;
    while (!fed || count < frames) {
        int length = sp_encoder_get_stream(encoder, memory);
        if (length == -1) continue;
        fwrite(memory, 1, length, out);
        count++;
    }
    pthread_join(feeder, NULL);
    sp_stop_encode(encoder);
    sp_release_encoder_module(encoder);
    fclose(out);
    printf("%d\n", count);
    return 0;
}
