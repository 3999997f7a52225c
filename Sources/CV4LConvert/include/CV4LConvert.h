// SPDX-License-Identifier: MIT
// libv4lconvert, which makes common pictures of the layouts that only few cameras have.
//
// The library (LGPL-2.1-or-later) is loaded when it is first needed, so that other cameras do not need it; its header is
// optional when this is built. It gets no device to talk to: it only converts.

#pragma once

#include <stdint.h>

/// A conversion; one thread uses it at a time.
typedef struct cv4lconvert cv4lconvert;

/// The file that is loaded; null when this was built without libv4lconvert's header.
extern const char *_Nullable const cv4lconvert_library;

/// Prepares conversions; null when the library is not there or refuses.
cv4lconvert *_Nullable cv4lconvert_create(void);

/// Frees what `cv4lconvert_create` made.
void cv4lconvert_destroy(cv4lconvert *_Nonnull converter);

/// Converts a picture between layouts, which are V4L2's codes; bytes written, or -1.
int cv4lconvert_convert(
    cv4lconvert *_Nonnull converter, uint32_t from, uint32_t to, int width, int height, int stride,
    const void *_Nonnull source, int source_count, void *_Nonnull target, int target_count);
