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
