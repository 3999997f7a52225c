// SPDX-License-Identifier: MIT
// The least that a camera's encode can cost: frames of a file at their pace into libx264, and what it gives to nobody.
// `fleet` compares with one such process a camera.   bare FILM.y4m
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x264.h>

enum { width = 640, height = 360, rate = 30 };

int main(int count, char **arguments) {
    FILE *film = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (!film) return 2;
    x264_param_t settings;
    x264_param_default_preset(&settings, "ultrafast", "zerolatency");
    settings.i_width = width;
    settings.i_height = height;
    settings.i_fps_num = rate;
    settings.i_fps_den = 1;
    settings.i_threads = 1;
    settings.i_keyint_max = 120;
    settings.i_log_level = X264_LOG_ERROR;
    settings.rc.i_rc_method = X264_RC_CRF;
    settings.rc.f_rf_constant = 26;
    x264_t *encoder = x264_encoder_open(&settings);
    x264_picture_t picture, shown;
    if (!encoder || x264_picture_alloc(&picture, X264_CSP_I420, width, height)) return 1;
    char line[256];
    if (!fgets(line, sizeof line, film)) return 1;
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (int64_t number = 0; fgets(line, sizeof line, film); number++) {
        for (int plane = 0; plane < 3; plane++) {
            int columns = plane ? width / 2 : width, rows = plane ? height / 2 : height;
            for (int row = 0; row < rows; row++) {
                uint8_t *place = picture.img.plane[plane] + (size_t)row * picture.img.i_stride[plane];
                if (fread(place, 1, columns, film) != (size_t)columns) return 0;
            }
        }
        picture.i_pts = number;
        x264_nal_t *units;
        int unit_count;
        if (x264_encoder_encode(encoder, &units, &unit_count, &picture, &shown) < 0) return 1;
        next.tv_nsec += 1000000000 / rate;
        if (next.tv_nsec >= 1000000000) {
            next.tv_nsec -= 1000000000;
            next.tv_sec++;
        }
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    return 0;
}
