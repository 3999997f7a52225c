// SPDX-License-Identifier: MIT
#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <jpeglib.h>

struct cjpeg_encoder {
    struct jpeg_compress_struct codec;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf failure;
    char message[JMSG_LENGTH_MAX];
    int unit_rows;
    size_t room;
};

static void fail(j_common_ptr codec) {
    cjpeg_encoder *encoder = codec->client_data;
    codec->err->format_message(codec, encoder->message);
    longjmp(encoder->failure, 1);
}

static void ignore(j_common_ptr codec, int level) {}

static void begin_output(j_compress_ptr codec) {}

/// The room is for the longest picture there is.
static boolean output_is_full(j_compress_ptr codec) {
    cjpeg_encoder *encoder = codec->client_data;
    snprintf(encoder->message, sizeof encoder->message, "the picture is longer than %zu bytes", encoder->room);
    longjmp(encoder->failure, 1);
}

static void end_output(j_compress_ptr codec) {}

cjpeg_encoder *cjpeg_open(void) {
    cjpeg_encoder *encoder = calloc(1, sizeof *encoder);
    if (!encoder) return NULL;
    encoder->codec.err = jpeg_std_error(&encoder->errors);
    encoder->errors.error_exit = fail;
    encoder->errors.emit_message = ignore;
    encoder->codec.client_data = encoder;
    if (setjmp(encoder->failure)) {
        jpeg_destroy_compress(&encoder->codec);
        free(encoder);
        return NULL;
    }
    jpeg_create_compress(&encoder->codec);
    encoder->destination.init_destination = begin_output;
    encoder->destination.empty_output_buffer = output_is_full;
    encoder->destination.term_destination = end_output;
    encoder->codec.dest = &encoder->destination;
    return encoder;
}

void cjpeg_close(cjpeg_encoder *encoder) {
    jpeg_destroy_compress(&encoder->codec);
    free(encoder);
}

int cjpeg_begin(cjpeg_encoder *encoder, const cjpeg_picture *picture, uint8_t *bytes, size_t room,
                const uint8_t *segment, size_t segment_count) {
    j_compress_ptr codec = &encoder->codec;
    // A picture that failed leaves the compressor in its midst.
    jpeg_abort_compress(codec);
    if (setjmp(encoder->failure)) return 0;
    encoder->destination.next_output_byte = bytes;
    encoder->destination.free_in_buffer = encoder->room = room;
    encoder->unit_rows = 8 * picture->down;
    codec->image_width = picture->width;
    codec->image_height = picture->height;
    codec->input_components = picture->components;
    codec->in_color_space = picture->components == 1 ? JCS_GRAYSCALE : JCS_YCbCr;
    jpeg_set_defaults(codec);
    jpeg_set_quality(codec, picture->quality, TRUE);
    codec->raw_data_in = TRUE;
    codec->dct_method = JDCT_ISLOW;
    codec->restart_in_rows = picture->restart_rows;
    codec->comp_info[0].h_samp_factor = picture->across;
    codec->comp_info[0].v_samp_factor = picture->down;
    for (int index = 1; index < picture->components; index++)
        codec->comp_info[index].h_samp_factor = codec->comp_info[index].v_samp_factor = 1;
    codec->write_JFIF_header = segment_count == 0;
    // Without a unit of length the densities are an aspect.
    codec->density_unit = 0;
    codec->X_density = picture->aspect_width;
    codec->Y_density = picture->aspect_height;
    jpeg_start_compress(codec, TRUE);
    // The marker's two bytes and the two of its length are written by libjpeg.
    if (segment_count > 4) jpeg_write_marker(codec, segment[1], segment + 4, segment_count - 4);
    return 1;
}

int cjpeg_write(cjpeg_encoder *encoder, const uint8_t *const *luma, const uint8_t *const *blue,
                const uint8_t *const *red) {
    if (setjmp(encoder->failure)) return 0;
    JSAMPARRAY planes[] = {(JSAMPARRAY)luma, (JSAMPARRAY)blue, (JSAMPARRAY)red};
    jpeg_write_raw_data(&encoder->codec, planes, encoder->unit_rows);
    return 1;
}

size_t cjpeg_finish(cjpeg_encoder *encoder) {
    if (setjmp(encoder->failure)) return 0;
    jpeg_finish_compress(&encoder->codec);
    return encoder->room - encoder->destination.free_in_buffer;
}

const char *cjpeg_message(const cjpeg_encoder *encoder) { return encoder->message; }
