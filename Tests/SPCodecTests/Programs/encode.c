/* SPDX-License-Identifier: MIT
 *
 * Written from the document of the SP encoder module alone.
 * encode TYPE WIDTH HEIGHT BITS IN.nv12 OUT: encodes every frame of a file. */
#include <sp_codec.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    if (argc != 7) return 64;
    int width = atoi(argv[2]), height = atoi(argv[3]);
    int size = width * height * 3 / 2;
    char *frame = malloc(size), *stream = malloc(size);
    FILE *in = fopen(argv[5], "rb"), *out = fopen(argv[6], "wb");
    if (!frame || !stream || !in || !out) return 66;
    void *encoder = sp_init_encoder_module();
    if (!encoder || sp_start_encode(encoder, 0, atoi(argv[1]), width, height, atoi(argv[4]))) return 1;
    int count = 0;
    while (fread(frame, 1, size, in) == (size_t)size) {
        if (sp_encoder_set_frame(encoder, frame, size)) return 2;
        int length = sp_encoder_get_stream(encoder, stream);
        if (length <= 0) return 3;
        fwrite(stream, 1, length, out);
        count++;
    }
    if (sp_stop_encode(encoder)) return 4;
    sp_release_encoder_module(encoder);
    fclose(out);
    printf("%d\n", count);
    return 0;
}
