/* SPDX-License-Identifier: MIT
 *
 * Every way to use the SP encoder module wrongly; prints the line of what gave anything but -1. */
#include <sp_codec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static int failures;
#define EXPECT(condition) ((condition) ? 0 : (failures++, printf("line %d: %s\n", __LINE__, #condition)))

enum { SIDE = 64, SIZE = SIDE * SIDE * 3 / 2 };

int main(void) {
    static char frame[SIZE], stream[SIZE];
    memset(frame, 100, SIZE);
    void *encoder = sp_init_encoder_module(), *other = sp_init_encoder_module();
    EXPECT(encoder && other && encoder != other);

    /* Nothing was started yet. */
    EXPECT(sp_encoder_set_frame(encoder, frame, SIZE) == -1);
    EXPECT(sp_encoder_get_stream(encoder, stream) == -1);
    EXPECT(sp_stop_encode(encoder) == -1);

    /* Bad arguments. */
    for (int type = -1; type <= 4; type++)
        if (type < 1 || type > 3) EXPECT(sp_start_encode(encoder, 0, type, SIDE, SIDE, 512) == -1);
    EXPECT(sp_start_encode(encoder, -1, SP_ENCODER_MJPEG, SIDE, SIDE, 512) == -1);
    EXPECT(sp_start_encode(encoder, 32, SP_ENCODER_MJPEG, SIDE, SIDE, 512) == -1);
    int sizes[] = {0, -2, 62, 65, 4097, 4098, 8192};
    for (unsigned index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        EXPECT(sp_start_encode(encoder, 0, SP_ENCODER_MJPEG, sizes[index], SIDE, 512) == -1);
        EXPECT(sp_start_encode(encoder, 0, SP_ENCODER_MJPEG, SIDE, sizes[index], 512) == -1);
    }
    EXPECT(sp_start_encode(encoder, 0, SP_ENCODER_MJPEG, SIDE, SIDE, 0) == -1);
    EXPECT(sp_start_encode(encoder, 0, SP_ENCODER_MJPEG, SIDE, SIDE, -5) == -1);

    /* A second start, and a number that another object uses. */
    EXPECT(sp_start_encode(encoder, 31, SP_ENCODER_MJPEG, SIDE, SIDE, 512) == 0);
    EXPECT(sp_start_encode(encoder, 31, SP_ENCODER_MJPEG, SIDE, SIDE, 512) == -1);
    EXPECT(sp_start_encode(encoder, 30, SP_ENCODER_MJPEG, SIDE, SIDE, 512) == -1);
    EXPECT(sp_start_encode(other, 31, SP_ENCODER_MJPEG, SIDE, SIDE, 512) == -1);

    /* Frames of the wrong size, and none. */
    EXPECT(sp_encoder_get_stream(encoder, stream) == -1);
    EXPECT(sp_encoder_set_frame(encoder, frame, SIZE - 1) == -1);
    EXPECT(sp_encoder_set_frame(encoder, frame, SIZE + 1) == -1);
    EXPECT(sp_encoder_set_frame(encoder, frame, 0) == -1);
    EXPECT(sp_encoder_set_frame(encoder, frame, -1) == -1);
    EXPECT(sp_encoder_set_frame(encoder, NULL, SIZE) == -1);

    /* Seven frames may wait, not eight. */
    for (int count = 0; count < 7; count++) EXPECT(sp_encoder_set_frame(encoder, frame, SIZE) == 0);
    EXPECT(sp_encoder_set_frame(encoder, frame, SIZE) == -1);
    EXPECT(sp_encoder_get_stream(encoder, NULL) == -1);
    for (int count = 0; count < 7; count++) EXPECT(sp_encoder_get_stream(encoder, stream) > 0);
    EXPECT(sp_encoder_get_stream(encoder, stream) == -1);

    /* A double stop; the number is free again. */
    EXPECT(sp_stop_encode(encoder) == 0);
    EXPECT(sp_stop_encode(encoder) == -1);
    EXPECT(sp_start_encode(other, 31, SP_ENCODER_MJPEG, SIDE, SIDE, 512) == 0);

    /* Null and stale handles; a double release. Releasing frees the number. */
    void *stale = other;
    sp_release_encoder_module(other);
    sp_release_encoder_module(other);
    sp_release_encoder_module(NULL);
    sp_release_encoder_module(&frame);
    void *wrong[] = {NULL, stale, &frame, (void *)1, (void *)-1};
    for (unsigned index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        if (wrong[index] == encoder) continue;
        EXPECT(sp_start_encode(wrong[index], 1, SP_ENCODER_MJPEG, SIDE, SIDE, 512) == -1);
        EXPECT(sp_stop_encode(wrong[index]) == -1);
        EXPECT(sp_encoder_set_frame(wrong[index], frame, SIZE) == -1);
        EXPECT(sp_encoder_get_stream(wrong[index], stream) == -1);
    }
    EXPECT(sp_start_encode(encoder, 31, SP_ENCODER_MJPEG, SIDE, SIDE, 512) == 0);
    sp_release_encoder_module(encoder);

    /* Noise, whose streams are large, right in front of a page that may not be touched: in the buffer that programs of the
     * boards have, a byte for each pixel. */
    long page = 4096;
    char *memory = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(memory != MAP_FAILED && mprotect(memory + 2 * page, page, PROT_NONE) == 0);
    char *guarded = memory + 2 * page - SIDE * SIDE;
    srand(7);
    int rates[] = {1, 512, 1 << 20};
    for (int type = 1; type <= 3; type++)
        for (unsigned rate = 0; rate < sizeof rates / sizeof *rates; rate++) {
            void *noisy = sp_init_encoder_module();
            EXPECT(sp_start_encode(noisy, 5, type, SIDE, SIDE, rates[rate]) == 0);
            int fetched = 0;
            for (int count = 0; count < 20; count++) {
                for (int index = 0; index < SIZE; index++) frame[index] = rand();
                EXPECT(sp_encoder_set_frame(noisy, frame, SIZE) == 0);
                int length = sp_encoder_get_stream(noisy, guarded);
                EXPECT(length <= SIDE * SIDE);
                if (length > 0) fetched++;
            }
            EXPECT(fetched > 0);
            sp_release_encoder_module(noisy);
        }
    return failures ? 1 : 0;
}
