/* SPDX-License-Identifier: MIT
 *
 * Loads the library by the boards' name and encodes a grey picture; prints the stream's first bytes. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    enum { SIDE = 64, SIZE = SIDE * SIDE * 3 / 2 };
    static char frame[SIZE], stream[SIDE * SIDE];
    void *library = dlopen("libspcdev.so", RTLD_NOW);
    if (!library) {
        printf("%s\n", dlerror());
        return 1;
    }
    void *(*init)(void);
    void (*release)(void *);
    int32_t (*start)(void *, int32_t, int32_t, int32_t, int32_t, int32_t), (*stop)(void *);
    int32_t (*set)(void *, char *, int32_t), (*get)(void *, char *);
    *(void **)&init = dlsym(library, "sp_init_encoder_module");
    *(void **)&release = dlsym(library, "sp_release_encoder_module");
    *(void **)&start = dlsym(library, "sp_start_encode");
    *(void **)&stop = dlsym(library, "sp_stop_encode");
    *(void **)&set = dlsym(library, "sp_encoder_set_frame");
    *(void **)&get = dlsym(library, "sp_encoder_get_stream");
    if (!init || !release || !start || !stop || !set || !get) return 2;
    memset(frame, 128, SIZE);
    void *encoder = init();
    if (!encoder || start(encoder, 0, 3, SIDE, SIDE, 512) || set(encoder, frame, SIZE)) return 3;
    if (get(encoder, stream) < 4) return 4;
    printf("%02x%02x\n", (unsigned char)stream[0], (unsigned char)stream[1]);
    if (stop(encoder)) return 5;
    release(encoder);
    return 0;
}
