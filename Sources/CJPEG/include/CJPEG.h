// SPDX-License-Identifier: MIT
#pragma once
#include <stddef.h>
#include <stdint.h>

/// libjpeg's compressor for planes of samples, which it is given row of blocks by row of blocks.
///
/// The shim is in C because libjpeg reports errors by longjmp, which must not cross Swift code. One thread at a time.
typedef struct cjpeg_encoder cjpeg_encoder;

/// What is compressed, and how.
typedef struct {
    int32_t width, height;
    /// 1 for luma alone, 3 with chroma.
    int32_t components;
    /// Luma samples across and down that share a chroma sample.
    int32_t across, down;
    /// 1 to 100.
    int32_t quality;
    /// Rows of coding units from one restart marker to the next; 0 for none.
    int32_t restart_rows;
    /// The shape of the pixels, which JFIF's segment tells.
    int32_t aspect_width, aspect_height;
} cjpeg_picture;

/// Makes a compressor; NULL when there is no memory.
cjpeg_encoder *cjpeg_open(void);

/// Frees a compressor.
void cjpeg_close(cjpeg_encoder *encoder);

/// Begins a picture in `room` bytes, with `segment` in the place of JFIF's where `segment_count` is not 0: false on failure.
int cjpeg_begin(cjpeg_encoder *encoder, const cjpeg_picture *picture, uint8_t *bytes, size_t room,
                const uint8_t *segment, size_t segment_count);

/// Compresses a row of coding units: 8 * `down` rows of luma and 8 of each chroma, all as wide as whole units: false on
/// failure.
int cjpeg_write(cjpeg_encoder *encoder, const uint8_t *const *luma, const uint8_t *const *blue,
                const uint8_t *const *red);

/// Ends the picture: its length, 0 on failure.
size_t cjpeg_finish(cjpeg_encoder *encoder);

/// Why the last call failed.
const char *cjpeg_message(const cjpeg_encoder *encoder);

/// libjpeg's decompressor, to planes of samples. One thread at a time.
typedef struct cjpeg_decoder cjpeg_decoder;

/// What became of a picture.
typedef enum {
    /// All of it is there; what libjpeg only warns of does not count.
    CJPEG_WHOLE,
    /// Its data ends early.
    CJPEG_INCOMPLETE,
    /// Its compressed data is wrong, or some of it is missing in the midst.
    CJPEG_CORRUPT,
    /// It is no JPEG picture, or its header is wrong.
    CJPEG_MALFORMED,
    /// It is of a kind that is not decoded.
    CJPEG_UNSUPPORTED,
    /// There is no memory to decode it.
    CJPEG_NO_MEMORY,
} cjpeg_outcome;

/// What the beginning of a picture tells.
typedef struct {
    int32_t width, height;
    /// 1 for luma alone, 3 with chroma.
    int32_t components;
    /// Pixels across and down that share a chroma sample.
    int32_t across, down;
} cjpeg_header;

/// Rows of samples to fill.
typedef struct {
    uint8_t *base;
    int32_t stride, width, height;
} cjpeg_plane;

/// Makes a decompressor; NULL when there is no memory.
cjpeg_decoder *cjpeg_decoder_open(void);

/// Frees a decompressor.
void cjpeg_decoder_close(cjpeg_decoder *decoder);

/// Reads a picture's header; the bytes must stay until it is decoded.
cjpeg_outcome cjpeg_read_header(cjpeg_decoder *decoder, const uint8_t *bytes, size_t count, cjpeg_header *header);

/// Decodes the picture whose header was read last, to as many planes as it has components; once.
cjpeg_outcome cjpeg_decode(cjpeg_decoder *decoder, const cjpeg_plane *planes);

/// What is wrong with the picture.
const char *cjpeg_decoder_message(const cjpeg_decoder *decoder);
