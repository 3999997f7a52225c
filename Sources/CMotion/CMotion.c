// SPDX-License-Identifier: MIT

#include "CMotion.h"

#include <stdlib.h>

// Both processors have an instruction for this, and compilers do not find it without optimisation: a search over
// a large picture takes seconds then.

#if defined(__SSE2__)

#include <emmintrin.h>

uint32_t cmotion_difference16(
    const uint8_t *block, ptrdiff_t block_stride, const uint8_t *other, ptrdiff_t other_stride)
{
    __m128i sum = _mm_setzero_si128();
    for (int row = 0; row < 16; row++) {
        const __m128i a = _mm_loadu_si128((const __m128i *)block);
        const __m128i b = _mm_loadu_si128((const __m128i *)other);
        sum = _mm_add_epi64(sum, _mm_sad_epu8(a, b));
        block += block_stride;
        other += other_stride;
    }
    return (uint32_t)(_mm_cvtsi128_si32(sum) + _mm_cvtsi128_si32(_mm_unpackhi_epi64(sum, sum)));
}

static __m128i two_rows(const uint8_t *rows, ptrdiff_t stride)
{
    const __m128i first = _mm_loadl_epi64((const __m128i *)rows);
    return _mm_unpacklo_epi64(first, _mm_loadl_epi64((const __m128i *)(rows + stride)));
}

void cmotion_differences8(
    const uint8_t *block, ptrdiff_t block_stride, const uint8_t *window, ptrdiff_t window_stride, int columns,
    int rows, uint16_t *differences)
{
    __m128i pairs[4];
    for (int pair = 0; pair < 4; pair++) pairs[pair] = two_rows(block + 2 * pair * block_stride, block_stride);
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            const uint8_t *place = window + row * window_stride + column;
            __m128i sum = _mm_setzero_si128();
            for (int pair = 0; pair < 4; pair++) {
                const __m128i other = two_rows(place + 2 * pair * window_stride, window_stride);
                sum = _mm_add_epi64(sum, _mm_sad_epu8(pairs[pair], other));
            }
            *differences++ = (uint16_t)(_mm_cvtsi128_si32(sum) + _mm_cvtsi128_si32(_mm_unpackhi_epi64(sum, sum)));
        }
    }
}

#elif defined(__ARM_NEON)

#include <arm_neon.h>

static uint32_t total(uint16x8_t sums)
{
    const uint64x2_t halves = vpaddlq_u32(vpaddlq_u16(sums));
    return (uint32_t)(vgetq_lane_u64(halves, 0) + vgetq_lane_u64(halves, 1));
}

uint32_t cmotion_difference16(
    const uint8_t *block, ptrdiff_t block_stride, const uint8_t *other, ptrdiff_t other_stride)
{
    uint16x8_t sums = vdupq_n_u16(0);
    for (int row = 0; row < 16; row++) {
        const uint8x16_t a = vld1q_u8(block), b = vld1q_u8(other);
        sums = vabal_u8(sums, vget_low_u8(a), vget_low_u8(b));
        sums = vabal_u8(sums, vget_high_u8(a), vget_high_u8(b));
        block += block_stride;
        other += other_stride;
    }
    return total(sums);
}

void cmotion_differences8(
    const uint8_t *block, ptrdiff_t block_stride, const uint8_t *window, ptrdiff_t window_stride, int columns,
    int rows, uint16_t *differences)
{
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            const uint8_t *place = window + row * window_stride + column;
            uint16x8_t sums = vdupq_n_u16(0);
            for (int line = 0; line < 8; line++)
                sums = vabal_u8(sums, vld1_u8(block + line * block_stride), vld1_u8(place + line * window_stride));
            *differences++ = (uint16_t)total(sums);
        }
    }
}

#else

static uint32_t difference(
    int side, const uint8_t *block, ptrdiff_t block_stride, const uint8_t *other, ptrdiff_t other_stride)
{
    uint32_t sum = 0;
    for (int row = 0; row < side; row++) {
        for (int column = 0; column < side; column++) sum += (uint32_t)abs(block[column] - other[column]);
        block += block_stride;
        other += other_stride;
    }
    return sum;
}

uint32_t cmotion_difference16(
    const uint8_t *block, ptrdiff_t block_stride, const uint8_t *other, ptrdiff_t other_stride)
{
    return difference(16, block, block_stride, other, other_stride);
}

void cmotion_differences8(
    const uint8_t *block, ptrdiff_t block_stride, const uint8_t *window, ptrdiff_t window_stride, int columns,
    int rows, uint16_t *differences)
{
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            const uint8_t *place = window + row * window_stride + column;
            *differences++ = (uint16_t)difference(8, block, block_stride, place, window_stride);
        }
    }
}

#endif

void cmotion_replace(const uint8_t *samples, uint8_t *replaced, size_t count, const uint8_t *table)
{
    for (size_t index = 0; index < count; index++) replaced[index] = table[samples[index]];
}
