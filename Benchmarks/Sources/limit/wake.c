// SPDX-License-Identifier: MIT
#include "limit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/// A thread that waits for a turn, and gives one to the next.
struct stage {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    int turns;
    struct stage *next;
};

static void give_turn(struct stage *stage) {
    pthread_mutex_lock(&stage->lock);
    stage->turns++;
    pthread_mutex_unlock(&stage->lock);
    pthread_cond_broadcast(&stage->woken);
}

static void *pass_on(void *context) {
    for (struct stage *stage = context;;) {
        pthread_mutex_lock(&stage->lock);
        while (stage->turns == 0) pthread_cond_wait(&stage->woken, &stage->lock);
        stage->turns--;
        pthread_mutex_unlock(&stage->lock);
        if (stage->next) give_turn(stage->next);
    }
    return NULL;
}

void limit_wake(const struct work *work) {
    struct stage *stages = calloc(work->threads, sizeof *stages);
    if (!stages) fail("memory");
    for (int index = 0; index < work->threads; index++) {
        pthread_t thread;
        stages[index] = (struct stage){.next = index + 1 < work->threads ? &stages[index + 1] : NULL};
        pthread_mutex_init(&stages[index].lock, NULL);
        pthread_cond_init(&stages[index].woken, NULL);
        if (pthread_create(&thread, NULL, pass_on, &stages[index]) != 0) fail("a thread");
    }
    double start = now(), cpu = cpu_seconds();
    for (int index = 0; index < work->frames; index++) {
        pace(work, start, index);
        give_turn(&stages[0]);
    }
    dprintf(3, "beyond=%.9f\n", (cpu_seconds() - cpu) / work->frames);
}
