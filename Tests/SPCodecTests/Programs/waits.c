/* SPDX-License-Identifier: MIT
 *
 * Fetching waits for a frame that another thread sets, and setting for room that another thread makes by fetching; each is asked
 * once, as by programs that take -1 for the end. Ends with the line that failed. */
#include <pthread.h>
#include <semaphore.h>
#include <sp_codec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 64, SIZE = SIDE * SIDE * 3 / 2, ROUNDS = 50, PENDING = 7 };

static void *encoder;
static char frame[SIZE], streams[2][SIDE * SIDE];
static sem_t asked;
#define EXPECT(condition) expect(condition, __LINE__, #condition)

static void expect(int is_so, int line, const char *condition) {
    if (is_so) return;
    printf("line %d: %s\n", line, condition);
    exit(1);
}

/* Comes when the main thread is about to wait for it. */
static void *answer(void *unused) {
    for (int round = 0; round < ROUNDS; round++) {
        sem_wait(&asked);
        EXPECT(sp_encoder_set_frame(encoder, frame, SIZE) == 0);
    }
    for (int round = 0; round < ROUNDS; round++) {
        sem_wait(&asked);
        EXPECT(sp_encoder_get_stream(encoder, streams[1]) > 0);
    }
    return unused;
}

int main(void) {
    memset(frame, 100, SIZE);
    encoder = sp_init_encoder_module();
    EXPECT(encoder && sp_start_encode(encoder, 0, SP_ENCODER_MJPEG, SIDE, SIDE, 512) == 0);
    pthread_t thread;
    if (sem_init(&asked, 0, 0) || pthread_create(&thread, NULL, answer, NULL)) return 1;
    for (int round = 0; round < ROUNDS; round++) {
        sem_post(&asked);
        EXPECT(sp_encoder_get_stream(encoder, streams[0]) > 0);
    }
    for (int count = 0; count < PENDING; count++) EXPECT(sp_encoder_set_frame(encoder, frame, SIZE) == 0);
    for (int round = 0; round < ROUNDS; round++) {
        sem_post(&asked);
        EXPECT(sp_encoder_set_frame(encoder, frame, SIZE) == 0);
    }
    pthread_join(thread, NULL);
    sp_release_encoder_module(encoder);
    return 0;
}
