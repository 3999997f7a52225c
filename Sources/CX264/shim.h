// SPDX-License-Identifier: MIT
#include <stdint.h>
#include <x264.h>

// x264_encoder_open is a macro that pastes the library's build number onto the symbol, so Swift would see a name that
// changes with each release.
static inline x264_t *cx264_encoder_open(x264_param_t *parameters) { return x264_encoder_open(parameters); }
