// SPDX-License-Identifier: MIT
// Differences of blocks of samples, the inner loop of the motion search.

#pragma once

#include <stddef.h>
#include <stdint.h>

/// The sum of absolute differences of two blocks of 16 x 16 samples; strides are bytes from row to row.
uint32_t cmotion_difference16(
    const uint8_t *_Nonnull block, ptrdiff_t block_stride, const uint8_t *_Nonnull other, ptrdiff_t other_stride);

/// The sums of absolute differences of a block of 8 x 8 samples and the blocks that begin at `columns` x `rows` places of
/// a window; `differences` takes them row by row.
void cmotion_differences8(
    const uint8_t *_Nonnull block, ptrdiff_t block_stride, const uint8_t *_Nonnull window, ptrdiff_t window_stride,
    int columns, int rows, uint16_t *_Nonnull differences);

/// Replaces each of `count` samples by its entry in a table of 256.
void cmotion_replace(
    const uint8_t *_Nonnull samples, uint8_t *_Nonnull replaced, size_t count, const uint8_t *_Nonnull table);
