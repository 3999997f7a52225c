// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <x265.h>

// The macros below paste the library's build number onto a symbol, so Swift would see names that change with each release.

// The library for pictures of eight bits; NULL when only others are installed.
static inline const x265_api *cx265_library(void) { return x265_api_get(8); }

// Builds 210 to 212 deliver an array of pictures, one for each layer.
static inline int cx265_encode(
    const x265_api *library, x265_encoder *encoder, x265_nal **units, uint32_t *count, x265_picture *input,
    x265_picture *output) {
#if X265_BUILD >= 210 && X265_BUILD < 213
    x265_picture layers[MAX_SCALABLE_LAYERS];
    x265_picture *pointers[MAX_SCALABLE_LAYERS];
    for (int layer = 0; layer < MAX_SCALABLE_LAYERS; layer++) pointers[layer] = &layers[layer];
    int result = library->encoder_encode(encoder, units, count, input, pointers);
    *output = layers[0];
    return result;
#else
    return library->encoder_encode(encoder, units, count, input, output);
#endif
}

// Describes three planes of eight bits, 4:2:0, which the library only reads. The picture's arrays have three planes up to
// build 209 and four from 210 on.
static inline void cx265_set_planes(
    x265_picture *picture, const void *luma, const void *blue, const void *red, int luma_stride, int blue_stride,
    int red_stride) {
    picture->bitDepth = 8;
    picture->colorSpace = X265_CSP_I420;
    picture->planes[0] = (void *)luma;
    picture->planes[1] = (void *)blue;
    picture->planes[2] = (void *)red;
    picture->stride[0] = luma_stride;
    picture->stride[1] = blue_stride;
    picture->stride[2] = red_stride;
}
