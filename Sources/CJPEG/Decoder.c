// SPDX-License-Identifier: MIT
#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include <jerror.h>

enum { LARGEST_SHARING = 4, MOST_ROWS = LARGEST_SHARING * DCTSIZE, MOST_SCANS = 500 };

struct cjpeg_decoder {
    struct jpeg_decompress_struct codec;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf failure;
    cjpeg_outcome outcome;
    char message[JMSG_LENGTH_MAX];
};

/// Ends the call with libjpeg's words.
__attribute__((noreturn)) static void end(j_common_ptr codec, cjpeg_outcome outcome) {
    cjpeg_decoder *decoder = codec->client_data;
    codec->err->format_message(codec, decoder->message);
    decoder->outcome = outcome;
    longjmp(decoder->failure, 1);
}

static void fail(j_common_ptr codec) {
    switch (codec->err->msg_code) {
    case JERR_OUT_OF_MEMORY: end(codec, CJPEG_NO_MEMORY);
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED: end(codec, CJPEG_UNSUPPORTED);
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF: end(codec, CJPEG_INCOMPLETE);
    default: end(codec, CJPEG_MALFORMED);
    }
}

/// Of libjpeg's warnings some tell that a part of the picture is made up; with the others it has all that was sent.
static void judge(j_common_ptr codec, int level) {
    if (level >= 0) return;
    switch (codec->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER: end(codec, CJPEG_INCOMPLETE);
    case JWRN_ARITH_BAD_CODE:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC: end(codec, CJPEG_CORRUPT);
    default: break;
    }
}

/// A picture of a few bytes can ask for hours of work by its number of scans.
static void limit_scans(j_common_ptr codec) {
    if (((j_decompress_ptr)codec)->input_scan_number <= MOST_SCANS) return;
    cjpeg_decoder *decoder = codec->client_data;
    snprintf(decoder->message, sizeof decoder->message, "it has more than %d scans", MOST_SCANS);
    decoder->outcome = CJPEG_UNSUPPORTED;
    longjmp(decoder->failure, 1);
}

cjpeg_decoder *cjpeg_decoder_open(void) {
    cjpeg_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) return NULL;
    decoder->codec.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = fail;
    decoder->errors.emit_message = judge;
    decoder->codec.client_data = decoder;
    if (setjmp(decoder->failure)) {
        cjpeg_decoder_close(decoder);
        return NULL;
    }
    jpeg_create_decompress(&decoder->codec);
    decoder->progress.progress_monitor = limit_scans;
    decoder->codec.progress = &decoder->progress;
    return decoder;
}

void cjpeg_decoder_close(cjpeg_decoder *decoder) {
    jpeg_destroy_decompress(&decoder->codec);
    free(decoder);
}

static cjpeg_outcome refuse(cjpeg_decoder *decoder, const char *reason) {
    snprintf(decoder->message, sizeof decoder->message, "%s", reason);
    return CJPEG_UNSUPPORTED;
}

cjpeg_outcome cjpeg_read_header(cjpeg_decoder *decoder, const uint8_t *bytes, size_t count, cjpeg_header *header) {
    j_decompress_ptr codec = &decoder->codec;
    // A picture that failed leaves the decompressor in its midst.
    jpeg_abort_decompress(codec);
    if (setjmp(decoder->failure)) return decoder->outcome;
    jpeg_mem_src(codec, (unsigned char *)bytes, count);
    jpeg_read_header(codec, TRUE);
    *header = (cjpeg_header){codec->image_width, codec->image_height, codec->num_components, 1, 1};
    if (codec->jpeg_color_space == JCS_GRAYSCALE) return CJPEG_WHOLE;
    if (codec->jpeg_color_space != JCS_YCbCr) return refuse(decoder, "it is not made of luma and chroma");
    const jpeg_component_info *luma = codec->comp_info, *blue = luma + 1, *red = luma + 2;
    if (blue->h_samp_factor != red->h_samp_factor || blue->v_samp_factor != red->v_samp_factor ||
        luma->h_samp_factor % blue->h_samp_factor || luma->v_samp_factor % blue->v_samp_factor)
        return refuse(decoder, "its chroma is sampled in an unknown way");
    header->across = luma->h_samp_factor / blue->h_samp_factor;
    header->down = luma->v_samp_factor / blue->v_samp_factor;
    return CJPEG_WHOLE;
}

cjpeg_outcome cjpeg_decode(cjpeg_decoder *decoder, const cjpeg_plane *planes) {
    j_decompress_ptr codec = &decoder->codec;
    if (setjmp(decoder->failure)) return decoder->outcome;
    codec->raw_data_out = TRUE;
    codec->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(codec);
    // libjpeg writes whole blocks: what a plane has no room for goes to rows beside it.
    JSAMPARRAY beside[3];
    JSAMPROW rows[3][MOST_ROWS];
    JSAMPARRAY targets[3] = {rows[0], rows[1], rows[2]};
    for (int index = 0; index < codec->num_components; index++) {
        const jpeg_component_info *component = codec->comp_info + index;
        beside[index] = codec->mem->alloc_sarray((j_common_ptr)codec, JPOOL_IMAGE, component->width_in_blocks * DCTSIZE,
                                                 component->v_samp_factor * DCTSIZE);
    }
    for (int strip = 0; codec->output_scanline < codec->output_height; strip++) {
        for (int index = 0; index < codec->num_components; index++) {
            const jpeg_component_info *component = codec->comp_info + index;
            const cjpeg_plane *plane = planes + index;
            int count = component->v_samp_factor * DCTSIZE;
            int fits = component->width_in_blocks * DCTSIZE == plane->width;
            for (int row = 0; row < count; row++) {
                int line = strip * count + row;
                rows[index][row] = fits && line < plane->height ? plane->base + (size_t)line * plane->stride
                                                                : beside[index][row];
            }
        }
        jpeg_read_raw_data(codec, targets, codec->max_v_samp_factor * DCTSIZE);
        for (int index = 0; index < codec->num_components; index++) {
            const cjpeg_plane *plane = planes + index;
            int count = codec->comp_info[index].v_samp_factor * DCTSIZE;
            for (int row = 0; row < count && strip * count + row < plane->height; row++) {
                uint8_t *line = plane->base + (size_t)(strip * count + row) * plane->stride;
                if (rows[index][row] != line) memcpy(line, rows[index][row], plane->width);
            }
        }
    }
    jpeg_finish_decompress(codec);
    return CJPEG_WHOLE;
}

const char *cjpeg_decoder_message(const cjpeg_decoder *decoder) { return decoder->message; }
